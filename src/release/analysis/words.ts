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
  const text = digits(100 * difference);
  return `${difference > 0 ? "+" : ""}${text} points`;
}

/** A relative change as `+12 %`. */
export function change(ratio: number): string {
  return `${ratio > 0 ? "+" : ""}${digits(100 * ratio)} %`;
}

/** As many digits as people compare. */
export function digits(number: number): string {
  if (!Number.isFinite(number)) return number > 0 ? "any" : "none";
  const decimals = Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 2;
  return String(Number(number.toFixed(decimals)));
}
