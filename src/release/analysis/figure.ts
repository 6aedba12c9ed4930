/** What the samples say of one limit, before anybody judges. */
export interface Figure {
  /** Of the new version. */
  readonly samples: number;
  /** Of whichever version has the fewest. */
  readonly fewest: number;
  /** With so many of the new version twice the limit would have been noticed; Infinity where that cannot be told. */
  readonly needed: number;
  readonly estimate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** Whether the estimate is over the limit. */
  readonly isOver: boolean;
  /** Whether the upper bound is under the limit. */
  readonly isUnder: boolean;
  /** Of what was seen or worse, where the new version is no worse. */
  readonly probability: number;
  readonly seen: string;
  /** Why more samples of this kind would not tell either; null where they would. */
  readonly tooCoarse: string | null;
}
