/** `1,234` */
export function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** A share as `0.12 %`. */
export function percent(share: number): string {
  return `${digits(100 * share)} %`;
}

/** A difference of shares as `+0.12 points`. */
export function points(difference: number): string {
  return `${signed(100 * difference)} points`;
}

/** A relative change as `+12 %`. */
export function change(ratio: number): string {
  return `${signed(100 * ratio)} %`;
}

/** The upper bound of what was seen; with too few samples there is none. */
export function atMost(upper: number, text: (number: number) => string): string {
  return Number.isFinite(upper) ? `at most ${text(upper)}` : "with no bound yet";
}

/** What rounds to nothing has no sign. */
function signed(number: number): string {
  const text = digits(number);
  return number > 0 && text !== "0" ? `+${text}` : text;
}

/** As many digits as people compare. */
export function digits(number: number): string {
  if (!Number.isFinite(number)) return number > 0 ? "any" : "none";
  const decimals = Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 2;
  return String(Number(number.toFixed(decimals)));
}
