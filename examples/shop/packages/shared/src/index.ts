export { formatMoney } from "./money.ts";
export type { Order, OrderLine, OrderRequest, Product } from "./catalogue.ts";
