import type { RequestKind } from "./request.ts";

export interface ShopAddresses {
  /** Where the load balancer of each service answers. */
  readonly api: string;
  readonly web: string;
}

/** What customers do: twenty requests, over and over, on kept-alive and on new connections, with and without bodies. */
export function shopMix({ api, web }: ShopAddresses): readonly RequestKind[] {
  const catalogue: RequestKind = {
    name: "web: catalogue",
    method: "GET",
    url: new URL("/", web).href,
    expect: { status: 200, body: /<h1>Catalogue<\/h1>[\s\S]*<\/html>/ },
  };
  const page: RequestKind = {
    name: "web: product, new connection",
    method: "GET",
    url: new URL("/products/1", web).href,
    newConnection: true,
    expect: { status: 200, body: /name="product" value="1"[\s\S]*<\/html>/ },
  };
  const form: RequestKind = {
    name: "web: order",
    method: "POST",
    url: new URL("/orders", web).href,
    contentType: "application/x-www-form-urlencoded",
    body: "product=1&quantity=1&email=load%40harbour.example",
    expect: { status: 201, body: /<h1>Thank you<\/h1>[\s\S]*<\/html>/ },
  };
  const products: RequestKind = {
    name: "api: products",
    method: "GET",
    url: new URL("/products", api).href,
    expect: { status: 200, body: /^\[.*"KIT-001".*\]$/ },
  };
  const product: RequestKind = {
    name: "api: product, new connection",
    method: "GET",
    url: new URL("/products/2", api).href,
    newConnection: true,
    expect: { status: 200, body: /^\{"id":2,.*\}$/ },
  };
  const order: RequestKind = {
    name: "api: order",
    method: "POST",
    url: new URL("/orders", api).href,
    body: JSON.stringify({ customerEmail: "load@harbour.example", lines: [{ productId: 3, quantity: 2 }] }),
    expect: { status: 201, body: /^\{"reference":.*"totalCents":\d+\}$/ },
  };
  const orderAlone: RequestKind = { ...order, name: "api: order, new connection", newConnection: true };
  const report: RequestKind = {
    name: "api: slow report",
    method: "GET",
    url: new URL("/reports/orders?seconds=2", api).href,
    expect: { status: 200, body: /^sku,[\s\S]*\ntotal,\d+,\d+\n$/ },
  };
  return [
    ...[catalogue, products, product, page, order],
    ...[products, catalogue, product, form, products],
    ...[report, catalogue, product, page, orderAlone],
    ...[products, product, products, order, product],
  ];
}

/**
 * What the customers of a checkout do. There are 97 of them, a prime: however a proxy deals requests out in turn, each side
 * gets all kinds.
 */
export function checkoutMix(checkout: string): readonly RequestKind[] {
  const prices: RequestKind = {
    name: "prices",
    method: "GET",
    url: new URL("/prices", checkout).href,
    expect: { status: 200, body: /^\[.*"KIT-001".*\]$/ },
  };
  const order: RequestKind = {
    name: "order",
    method: "POST",
    url: new URL("/orders", checkout).href,
    body: JSON.stringify({ customerEmail: "load@harbour.example", lines: [{ productId: 3, quantity: 2 }] }),
    expect: { status: 201, body: /^\{"lines":1\}$/ },
  };
  const report: RequestKind = {
    name: "slow report",
    method: "GET",
    url: new URL("/report", checkout).href,
    expect: { status: 200, body: /^total,\d+$/ },
  };
  const onNewConnection = (kind: RequestKind) => ({
    ...kind,
    name: `${kind.name}, new connection`,
    newConnection: true,
  });
  const few = [prices, order, onNewConnection(prices), prices, onNewConnection(order), prices];
  return Array.from({ length: 97 }, (_, index) =>
    index === 30 || index === 80 ? report : (few[index % few.length] ?? prices),
  );
}
