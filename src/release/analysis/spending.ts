/** Of what a step may spend, what looks before its decisive one share at most. */
const earlyShare = 0.25;

/**
 * How much of a step's alpha may be spent by all looks up to one: little while few of the samples are there, so that only a
 * disaster is called early, and all at the decisive one. Looks that share what is spent like this are wrong together with a
 * probability of at most alpha, however many there are (Bonferroni's bound).
 * @param fraction of the samples that decide, that are there; 1 or more at the decisive look
 * @param mayDecide false before the end of a hold: what becomes bad later in it has to be noticed then, so enough is left
 */
export function spentUpTo(alpha: number, fraction: number, mayDecide: boolean): number {
  if (fraction >= 1 && mayDecide) return alpha;
  return alpha * earlyShare * Math.min(1, Math.max(0, fraction)) ** 3;
}

/** What the decisive look has left at the least: samples are planned for it. */
export function decisiveAlpha(alpha: number): number {
  return alpha * (1 - earlyShare);
}
