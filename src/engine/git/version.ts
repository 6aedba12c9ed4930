/** A version of a tag as Go modules have them: `v1`, `v1.2` and `v1.2.3-rc.1+build`. */
export interface Version {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly before: readonly string[];
}

const number = "(?:0|[1-9]\\d*)";
const whole = new RegExp(
  `^v(${number})(?:\\.(${number})(?:\\.(${number})(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?)?)?$`,
);

export function parseVersion(tag: string): Version | undefined {
  const [all, major = "0", minor = "0", patch = "0", before = ""] = whole.exec(tag) ?? [];
  if (all === undefined) return undefined;
  const parts = before === "" ? [] : before.split(".");
  if (parts.some((part) => /^0\d+$/.test(part))) return undefined;
  return { numbers: [BigInt(major), BigInt(minor), BigInt(patch)], before: parts };
}

/** @see https://semver.org section 11 */
export function compareVersions(a: Version, b: Version): number {
  for (const [index, own] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n;
    if (own !== other) return own < other ? -1 : 1;
  }
  if (a.before.length === 0 || b.before.length === 0) return b.before.length - a.before.length;
  for (const [index, own] of a.before.entries()) {
    const other = b.before[index];
    if (other === undefined) return 1;
    const order = comparePart(own, other);
    if (order !== 0) return order;
  }
  return a.before.length - b.before.length;
}

/** Numbers before words. */
function comparePart(a: string, b: string): number {
  if (a === b) return 0;
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOther) return BigInt(a) < BigInt(b) ? -1 : 1;
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return a < b ? -1 : 1;
}
