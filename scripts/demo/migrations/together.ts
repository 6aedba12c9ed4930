/** One answer of the api. */
export interface Answer {
  readonly version: string;
  /** Milliseconds of a clock that only goes forward. */
  readonly at: number;
}

/** An order that was looked at again, and had what was written. */
export interface Reading {
  readonly writtenBy: string | null;
  readonly readBy: string;
}

/** How two releases served at once, from the first answer of the new one to the last of the old one. */
export interface Together {
  /** 0 where they did not. */
  readonly milliseconds: number;
  /** Their answers in that time. */
  readonly ofOld: number;
  readonly ofNew: number;
  /** Orders of the one that the other read. */
  readonly oldReadByNew: number;
  readonly newReadByOld: number;
}

export function together(
  answers: readonly Answer[],
  readings: readonly Reading[],
  old: string,
  next: string,
): Together {
  const timesOf = (version: string) =>
    answers.filter((answer) => answer.version === version).map(({ at }) => at);
  const [olds, news] = [timesOf(old), timesOf(next)];
  // An empty list makes the time negative, and so none.
  const [from, until] = [Math.min(...news), Math.max(...olds)];
  const within = (times: readonly number[]) => times.filter((at) => at >= from && at <= until).length;
  const read = (writtenBy: string, readBy: string) =>
    readings.filter((reading) => reading.writtenBy === writtenBy && reading.readBy === readBy).length;
  return {
    milliseconds: Math.max(0, until - from),
    ofOld: within(olds),
    ofNew: within(news),
    oldReadByNew: read(old, next),
    newReadByOld: read(next, old),
  };
}
