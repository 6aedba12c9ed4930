import type { LookRule } from "../../model/metric.ts";

/** Of a step's alpha: what looks spend as the samples come, and what they spend as time goes by. */
const bySamples = 0.125;
const byTime = 0.125;

/** Of what is left of a step's alpha: so much is for one try at it, and some is left for a next one. */
const byOneTry = 0.95;

/**
 * What one try at a step may spend. Together all of them, whoever sends it on looking however often, spend no more than the
 * step has (but for a millionth of it each); and something is left for each, so that a disaster is one in the tenth try too.
 * @param alpha of the step
 * @param spentBefore what tries before this one have spent of it
 */
export function alphaOfTry(alpha: number, spentBefore: number): number {
  // Tails of less than that are beyond what can be computed.
  return byOneTry * Math.max(alpha - spentBefore, alpha / 1e6);
}

type Spending = Pick<LookRule, "alpha" | "spent" | "elapsed" | "mayPass" | "isLast">;

/**
 * How much of a step's alpha may be spent by all looks up to this one. Looks that share what is spent like this are wrong
 * together with a probability of at most alpha, however many there are (Bonferroni's bound). Three parts of it:
 * - as the samples come: little while few of them are there, so that only a disaster is called early;
 * - as time goes by, to the end of what the step may take: whenever something becomes bad, the next looks have something;
 * - most of it at the decisive look, which samples are planned for; none is decisive before the end of a hold.
 * @param fraction of the samples that decide, that are there; 1 or more where all are
 */
export function spentUpTo({ alpha, spent, elapsed, mayPass, isLast }: Spending, fraction: number): number {
  // The last look that there is has all that is left.
  if (isLast) return alpha;
  const ofSamples = bySamples * Math.min(1, Math.max(0, fraction)) ** 3;
  const ofDecisive = fraction >= 1 && mayPass ? 1 - bySamples - byTime : 0;
  const planned = alpha * (ofSamples + byTime * elapsed.now + ofDecisive);
  // Also where more was spent than planned: samples can become a smaller part of those that decide.
  const goesOn = spent + alpha * byTime * Math.max(0, elapsed.now - elapsed.before);
  return Math.min(alpha, Math.max(planned, goesOn));
}

/** What the decisive look has left at the least: samples are planned for it. */
export function decisiveAlpha(alpha: number): number {
  return alpha * (1 - bySamples - byTime);
}
