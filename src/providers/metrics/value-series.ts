import type { Values } from "../../model/metric.ts";

/** A number and when it was measured, in seconds; null where there is none now. */
interface Measured {
  readonly atSeconds: number;
  /** True where the source itself says when that was: what has the time of the one before is the same measurement. */
  readonly isStamped?: boolean;
  readonly value: number | null;
}

/**
 * The values of a watch: one for each time that it is asked, so that those of two versions stay pairs. Null stands where there
 * was none, where it could not be read, where one would overlap with the one before, and where it was not measured anew.
 */
export function valueSeries(
  /** Over how long each is taken; null where each stands for itself. */
  windowSeconds: number | null,
  /** For a number that was there and is gone. */
  gone: () => Error,
): { take(measure: () => Promise<Measured>): Promise<Values> } {
  const values: (number | null)[] = [];
  let takenAt: number | null = null;
  return {
    take: async (measure) => {
      const index = values.push(null) - 1;
      const { atSeconds, isStamped, value } = await measure();
      if (value === null) {
        if (takenAt !== null) throw gone();
        // Looks are not on time to the second, and both versions have to be taken at the same one.
      } else if (
        takenAt === null ||
        (windowSeconds === null
          ? isStamped !== true || atSeconds > takenAt
          : atSeconds - takenAt >= 0.9 * windowSeconds)
      ) {
        takenAt = atSeconds;
        values[index] = value;
      }
      return { kind: "values", values: [...values] };
    },
  };
}
