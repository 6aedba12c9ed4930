import { EngineError } from "../errors.ts";

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** `1m30s` in nanoseconds, as image configs have it; undefined for none. */
export function nanoseconds(duration: string): number | undefined {
  if (duration === "") return undefined;
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.map(([whole]) => whole).join("") !== duration)
    throw new EngineError(`invalid duration ${JSON.stringify(duration)}: write it as 30s or 1m30s`);
  return parts.reduce((sum, [, count = "0", unit = "s"]) => sum + Number(count) * (units[unit] ?? 0), 0);
}

/** Nanoseconds as people write them: `30s`, `1.5s`. */
export function durationText(count: number | undefined): string {
  return count === undefined || count === 0 ? "" : `${String(count / 1e9)}s`;
}
