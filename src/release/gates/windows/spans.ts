/** A piece of time, in milliseconds of the epoch; `end` is not part of it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** All time that is in any of the spans: sorted, apart from each other. */
export function union(spans: readonly Span[]): Span[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else if (end > start) merged.push({ start, end });
  }
  return merged;
}

/** What is left of `spans` without `holes`. Both are unions. */
export function subtract(spans: readonly Span[], holes: readonly Span[]): Span[] {
  const rest: Span[] = [];
  let first = 0;
  for (const span of spans) {
    let start = span.start;
    while (first < holes.length && holes[first]!.end <= start) first++;
    for (let index = first; index < holes.length && holes[index]!.start < span.end; index++) {
      const hole = holes[index]!;
      if (hole.start > start) rest.push({ start, end: hole.start });
      start = Math.max(start, hole.end);
    }
    if (start < span.end) rest.push({ start, end: span.end });
  }
  return rest;
}

/** The span that an instant is in. */
export function spanAt(spans: readonly Span[], at: number): Span | undefined {
  return spans.find(({ start, end }) => start <= at && at < end);
}
