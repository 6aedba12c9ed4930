import { usageError } from "../../model/errors.ts";

/** How long an answer is good: not at all, for this session, or for so many milliseconds in any session. */
export type CachePolicy = "never" | "session" | { readonly forMs: number };

const dayMs = 24 * 60 * 60 * 1000;
/** What Dagger does with a function that says nothing. */
const defaultMs = 7 * dayMs;

/**
 * The policy of `@func({ cache })`: `never`, `session`, a duration such as `10s` or `1h30m`, or null for the default.
 * @throws FairwayError CACHE_POLICY (exit 2)
 */
export function policyOf(cache: string | null, place: string): CachePolicy {
  if (cache === null || cache === "") return { forMs: defaultMs };
  if (cache === "never" || cache === "session") return cache;
  const parts = [...cache.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.map(([whole]) => whole).join("") !== cache) {
    throw usageError(`${place} has the cache policy ${JSON.stringify(cache)}, which is none`, {
      code: "CACHE_POLICY",
      place,
      remedy: "one of: never, session, or a duration such as 10s, 5m or 1h30m",
    });
  }
  const forMs = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ""] ?? 0), 0);
  return { forMs };
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
