/**
 * How long to wait before the next attempt at what others want too, in milliseconds: a random part of a span that doubles with
 * each attempt (from 1), so that those who collided do not collide again.
 * @param unitMs how long one attempt takes: nobody gets through where the spans are shorter. @default 50
 */
export function backOffMs(attempt: number, longestMs: number, unitMs = 50): number {
  return Math.random() * Math.min(longestMs, unitMs * 2 ** Math.min(attempt, 16));
}
