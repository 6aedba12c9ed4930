/**
 * How long to wait before attempt number `attempt` (from 1) at what others want too, in milliseconds: a random part of
 * a span that doubles up to `longestMs`, so that those who collided do not collide again.
 */
export function backOffMs(attempt: number, longestMs: number): number {
  return Math.random() * Math.min(longestMs, 50 * 2 ** Math.min(attempt, 16));
}
