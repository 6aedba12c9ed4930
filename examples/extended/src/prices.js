/** In cents. */
const prices = { anchor: 12_900, compass: 4_500, lantern: 2_350 };

/** The price of so many of a product, in cents; undefined for a product that the shop does not have. */
export function priceOf(product, count = 1) {
  const price = prices[product];
  return price === undefined ? undefined : price * count;
}
