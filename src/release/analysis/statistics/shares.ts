import { logChoose, normalQuantile } from "./special.ts";

export interface Share {
  readonly events: number;
  readonly total: number;
}

/**
 * Fisher's exact test, one-sided: the probability that so many of all events or more fall on `a`, where both have the same
 * share. Never too small, however few events there are or how unequal the totals.
 */
export function fisherExact(a: Share, b: Share): number {
  const events = a.events + b.events;
  const total = a.total + b.total;
  const most = Math.min(events, a.total);
  const least = Math.max(0, events - b.total);
  if (a.events <= least) return 1;
  const expected = (events * a.total) / total;
  if (a.events <= expected) {
    return Math.max(0, 1 - tail(least, a.events - 1, -1, a.total, b.total, events));
  }
  return tail(a.events, most, 1, a.total, b.total, events);
}

/** Sum of the hypergeometric probabilities from one end to the other, the largest term first. */
function tail(
  from: number,
  to: number,
  step: 1 | -1,
  totalA: number,
  totalB: number,
  events: number,
): number {
  let at = step === 1 ? from : to;
  const end = step === 1 ? to : from;
  let term = Math.exp(
    logChoose(totalA, at) + logChoose(totalB, events - at) - logChoose(totalA + totalB, events),
  );
  let sum = term;
  while (at !== end && term > sum * 1e-17) {
    term *=
      step === 1
        ? ((totalA - at) * (events - at)) / ((at + 1) * (totalB - events + at + 1))
        : (at * (totalB - events + at)) / ((totalA - at + 1) * (events - at + 1));
    at += step;
    sum += term;
  }
  return Math.min(1, sum);
}

/**
 * Miettinen and Nurminen's score bounds of a's share less b's, one-sided each: the upper one is under a margin exactly where
 * their test of "worse than the margin" is refused at this alpha.
 */
export function differenceBounds(a: Share, b: Share, alpha: number): { lower: number; upper: number } {
  const z = normalQuantile(1 - alpha);
  const difference = a.events / a.total - b.events / b.total;
  return {
    lower: boundary(difference, -1, (margin) => score(a, b, margin) <= z),
    upper: boundary(difference, 1, (margin) => score(a, b, margin) >= -z),
  };
}

/** How far the difference is from the margin, in standard errors where the margin is true. */
function score(a: Share, b: Share, margin: number): number {
  const total = a.total + b.total;
  const distance = a.events / a.total - b.events / b.total - margin;
  const [shareA, shareB] = restricted(a, b, margin);
  const variance =
    ((shareA * (1 - shareA)) / a.total + (shareB * (1 - shareB)) / b.total) * (total / (total - 1));
  if (variance <= 0) return distance === 0 ? 0 : distance * Infinity;
  return distance / Math.sqrt(variance);
}

/** The most likely shares among those that differ by the margin: a root of a cubic, by Cardano's formula. */
function restricted(a: Share, b: Share, margin: number): readonly [number, number] {
  const total = a.total + b.total;
  const events = a.events + b.events;
  const l3 = total;
  const l2 = (a.total + 2 * b.total) * margin - total - events;
  // Of b's share; a's is that and the margin. The cubic is in b's share.
  const c3 = l3;
  const c2 = l2;
  const c1 = (b.total * margin - total - 2 * b.events) * margin + events;
  const c0 = b.events * margin * (1 - margin);
  const third = c2 / (3 * c3);
  const q = third ** 3 - (c1 * c2) / (6 * c3 ** 2) + c0 / (2 * c3);
  const p = Math.sign(q) * Math.sqrt(Math.max(0, third ** 2 - c1 / (3 * c3)));
  const ratio = p === 0 ? 0 : q / p ** 3;
  const angle = (Math.PI + Math.acos(Math.max(-1, Math.min(1, ratio)))) / 3;
  const share = 2 * p * Math.cos(angle) - third;
  const low = Math.max(0, -margin);
  const high = Math.min(1, 1 - margin);
  const shareB = Math.max(low, Math.min(high, share));
  return [Math.max(0, Math.min(1, shareB + margin)), shareB];
}

/** The farthest margin on one side that is still believed. */
function boundary(from: number, direction: 1 | -1, isBelieved: (margin: number) => boolean): number {
  let near = from;
  let far: number = direction;
  if (isBelieved(far)) return far;
  for (let step = 0; step < 60 && Math.abs(far - near) > 1e-14; step += 1) {
    const middle = (near + far) / 2;
    if (isBelieved(middle)) near = middle;
    else far = middle;
  }
  return (near + far) / 2;
}
