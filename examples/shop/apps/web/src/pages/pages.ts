import { formatMoney, type Order, type Product } from "@shop/shared";
import { html, type Html } from "./html.ts";
import { page, type PageOptions } from "./layout.ts";

export function cataloguePage(options: PageOptions & { readonly products: readonly Product[] }): string {
  const categories = [...new Set(options.products.map((product) => product.category))];
  const sections = categories.map((category) => {
    const cards = options.products.filter((product) => product.category === category).map(card);
    return html`<h2>${category}</h2>
      <ul class="grid">
        ${cards}
      </ul>`;
  });
  return page(
    options,
    "Catalogue",
    html`<h1>Catalogue</h1>
      ${sections}`,
  );
}

export function productPage(options: PageOptions & { readonly product: Product }): string {
  const { product } = options;
  const content = html`<p class="muted">${product.category} · ${product.sku}</p>
    <h1>${product.name}</h1>
    <p>${product.description}</p>
    <p class="price">${formatMoney(product.priceCents)}</p>
    <p class="muted">${product.stock > 0 ? `${product.stock} in stock` : "Out of stock"}</p>
    <form method="post" action="/orders">
      <input type="hidden" name="product" value="${product.id}" />
      <label>Quantity <input name="quantity" type="number" min="1" max="99" value="1" required /></label>
      <label>Your e-mail <input name="email" type="email" required /></label>
      <button>Order</button>
    </form>`;
  return page(options, product.name, content);
}

export function orderPage(options: PageOptions & { readonly order: Order }): string {
  const { order } = options;
  const content = html`<h1>Thank you</h1>
    <p>
      Your order <strong>${order.reference}</strong> of ${formatMoney(order.totalCents)} is on its way to us.
    </p>
    <p>A confirmation goes to ${order.customerEmail}.</p>
    <p><a href="/">Back to the catalogue</a></p>`;
  return page(options, "Thank you", content);
}

export function problemPage(options: PageOptions & { readonly status: number }): string {
  const text = problems[options.status] ?? "Something went wrong on our side. Please try again.";
  return page(
    options,
    "Sorry",
    html`<h1>Sorry</h1>
      <p>${text}</p>
      <p><a href="/">Back to the catalogue</a></p>`,
  );
}

const problems: Record<number, string> = {
  400: "That order was not complete: please check the e-mail address and the quantity.",
  404: "There is nothing at this address.",
  502: "The catalogue cannot be reached right now. Please try again in a moment.",
};

function card(product: Product): Html {
  return html`<li class="card">
    <a href="/products/${product.id}">${product.name}</a>
    <span class="muted">${product.description}</span>
    <span class="price">${formatMoney(product.priceCents)}</span>
  </li>`;
}
