/** Two things timed in turn, A B A B ..., so that a machine whose speed drifts is unfair to neither. */
export interface Paired {
  readonly title: string;
  readonly subject: string;
  readonly peer: string;
  /** Median of the pairs' ratios, subject over peer. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
  readonly subjectMs: number;
  readonly peerMs: number;
  readonly pairs: number;
}

type Work = () => Promise<void>;

export async function paired(
  title: string,
  subject: readonly [name: string, work: Work],
  peer: readonly [name: string, work: Work],
  pairs = 9,
): Promise<Paired> {
  const ratios: number[] = [];
  const subjectTimes: number[] = [];
  const peerTimes: number[] = [];
  // The first pair warms up both and is not counted.
  for (let pair = 0; pair <= pairs; pair += 1) {
    const subjectMs = await timed(subject[1]);
    const peerMs = await timed(peer[1]);
    if (pair === 0) continue;
    subjectTimes.push(subjectMs);
    peerTimes.push(peerMs);
    ratios.push(subjectMs / peerMs);
  }
  return {
    title,
    subject: subject[0],
    peer: peer[0],
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    subjectMs: median(subjectTimes),
    peerMs: median(peerTimes),
    pairs,
  };
}

async function timed(work: Work): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
