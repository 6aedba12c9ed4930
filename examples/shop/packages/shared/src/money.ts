const formats = new Map<string, Intl.NumberFormat>();

/** `formatMoney(1450)` is `€14.50`. Amounts are whole cents, so that sums are exact. */
export function formatMoney(cents: number, currency = "EUR"): string {
  if (!Number.isSafeInteger(cents)) throw new RangeError(`not a whole number of cents: ${cents}`);
  const format = formats.get(currency) ?? new Intl.NumberFormat("en", { style: "currency", currency });
  formats.set(currency, format);
  return format.format(cents / 100);
}
