import { logChoose } from "./special.ts";

/** P(X = k) of n trials with probability p. */
export function binomialAt(k: number, n: number, p: number): number {
  if (k < 0 || k > n) return 0;
  if (p <= 0) return k === 0 ? 1 : 0;
  if (p >= 1) return k === n ? 1 : 0;
  return Math.exp(logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p));
}

/** P(X ≥ k): summed from the mode outwards, so that small tails keep their digits. */
export function binomialAtLeast(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  if (k <= n * p) return Math.max(0, 1 - binomialAtMost(k - 1, n, p));
  let term = binomialAt(k, n, p);
  let sum = term;
  for (let at = k; at < n && term > sum * 1e-17; at += 1) {
    term *= ((n - at) / (at + 1)) * (p / (1 - p));
    sum += term;
  }
  return Math.min(1, sum);
}

/** P(X ≤ k). */
export function binomialAtMost(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  if (k > n * p) return Math.max(0, 1 - binomialAtLeast(k + 1, n, p));
  let term = binomialAt(k, n, p);
  let sum = term;
  for (let at = k; at > 0 && term > sum * 1e-17; at -= 1) {
    term *= (at / (n - at + 1)) * ((1 - p) / p);
    sum += term;
  }
  return Math.min(1, sum);
}

/** Clopper and Pearson's one-sided bounds of a share: each is wrong with a probability of at most alpha. */
export function shareBounds(events: number, total: number, alpha: number): { lower: number; upper: number } {
  return {
    lower: events === 0 ? 0 : bisect((p) => binomialAtLeast(events, total, p) > alpha),
    upper: events === total ? 1 : bisect((p) => binomialAtMost(events, total, p) <= alpha),
  };
}

/** The least p in [0, 1] for which it is so, of a question that is answered no below it and yes above. */
function bisect(isSo: (p: number) => boolean): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60 && high - low > 1e-15; step += 1) {
    const middle = (low + high) / 2;
    if (isSo(middle)) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
