import type { Order, OrderRequest, Product } from "@shop/shared";

/** What the web asks of the api. */
export interface Api {
  isReady(): Promise<void>;
  products(): Promise<Product[]>;
  /** Undefined when there is no such product. */
  product(id: number): Promise<Product | undefined>;
  order(request: OrderRequest): Promise<Order>;
}

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;

  constructor(path: string, status: number) {
    super(`${path} answered ${status}`);
    this.status = status;
  }
}

export function openApi({ url, timeoutMs }: { readonly url: string; readonly timeoutMs: number }): Api {
  async function ask(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(new URL(path, url), { ...init, signal: AbortSignal.timeout(timeoutMs) });
    if (response.ok) return response;
    await response.body?.cancel();
    throw new ApiError(path, response.status);
  }

  return {
    isReady: async () => {
      await (await ask("/health/readiness")).body?.cancel();
    },
    products: async () => (await (await ask("/products")).json()) as Product[],
    product: async (id) => {
      try {
        return (await (await ask(`/products/${id}`)).json()) as Product;
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      }
    },
    order: async (request) => {
      const body = JSON.stringify(request);
      const headers = { "content-type": "application/json" };
      return (await (await ask("/orders", { method: "POST", headers, body })).json()) as Order;
    },
  };
}
