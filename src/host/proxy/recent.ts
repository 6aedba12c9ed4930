/** How many came in the last minutes: a rate of now, which an average since the beginning is not. */
export interface Recent {
  add(): void;
  read(): RecentRequests;
}

export interface RecentRequests {
  /** Up to five minutes; less where it has counted for less. */
  readonly seconds: number;
  readonly requests: number;
}

const slotMs = 10_000;
const slots = 30;

/** @param nowMs of a clock that only goes forward */
export function createRecent(nowMs: () => number): Recent {
  const begunMs = nowMs();
  const counts = Array.from({ length: slots }, () => 0);
  let newest = 0;
  /** Milliseconds since it began, when what is too old is forgotten. */
  const goOn = (): number => {
    const ageMs = nowMs() - begunMs;
    const slot = Math.floor(ageMs / slotMs);
    for (let next = Math.max(newest + 1, slot - slots + 1); next <= slot; next++) counts[next % slots] = 0;
    newest = Math.max(newest, slot);
    return ageMs;
  };
  return {
    add: () => {
      goOn();
      counts[newest % slots] = (counts[newest % slots] ?? 0) + 1;
    },
    read: () => {
      const ageMs = goOn();
      const oldestMs = Math.max(0, newest - slots + 1) * slotMs;
      return { seconds: (ageMs - oldestMs) / 1000, requests: counts.reduce((sum, count) => sum + count, 0) };
    },
  };
}
