import jstat from "jstat";

const { jStat } = jstat;

/** ln Γ(x), x > 0. */
function logGamma(x: number): number {
  return jStat.gammaln(x);
}

/** The z with P(Z ≤ z) = p of the standard normal distribution, 0 < p < 1. */
export function normalQuantile(p: number): number {
  return jStat.normal.inv(p, 0, 1);
}

export function normalTail(z: number): number {
  return jStat.normal.cdf(-z, 0, 1);
}

/** P(T > t) of Student's t with so many degrees of freedom. */
export function studentTail(t: number, degrees: number): number {
  return jStat.studentt.cdf(-t, degrees);
}

/** The t with P(T ≤ t) = p. */
export function studentQuantile(p: number, degrees: number): number {
  return jStat.studentt.inv(p, degrees);
}

/** ln of n over k. */
export function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
