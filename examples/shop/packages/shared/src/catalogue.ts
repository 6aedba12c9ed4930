/** What the api answers and the web reads. Prices are whole cents. */
export interface Product {
  readonly id: number;
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly priceCents: number;
  readonly stock: number;
}

export interface OrderRequest {
  readonly customerEmail: string;
  readonly lines: readonly { readonly productId: number; readonly quantity: number }[];
}

export interface OrderLine {
  readonly productId: number;
  readonly quantity: number;
  readonly unitPriceCents: number;
}

export interface Order {
  readonly reference: string;
  readonly customerEmail: string;
  readonly status: "PLACED" | "SHIPPED" | "CANCELLED";
  readonly lines: readonly OrderLine[];
  readonly totalCents: number;
}
