import minVersion from "semver/ranges/min-version.js";

/**
 * The first versions without a fault, out of a range of those that have none: of `>=4.17.21 <5 || >=5.0.2` they are 4.17.21
 * and 5.0.2. Empty where there is none (`<0.0.0`, as the npm registry writes it), and for what is no range.
 */
export function firstFixed(range: string): string[] {
  return range
    .slice(0, 2_000)
    .split("||")
    .flatMap((part) => {
      if (part.trim() === "") return [];
      try {
        const version = minVersion(part);
        return version === null ? [] : [version.version];
      } catch {
        return [];
      }
    });
}

/** The first versions after a range of those that have a fault: of `<4.17.21 || >=5.0.0 <5.0.2` they are 4.17.21 and 5.0.2. */
export function firstAfter(range: string): string[] {
  return range
    .slice(0, 2_000)
    .split("||")
    .flatMap((part) => {
      const [, version] = /(?:^|\s)<\s*(\d[\w.+-]*)\s*$/.exec(part) ?? [];
      return version === undefined ? [] : [version];
    });
}
