import { expect, it } from "vitest";
import type { LatencyBucket } from "../../src/model/target.ts";
import { grownSince, together, type Counted } from "../../src/release/counted.ts";

const buckets = (counts: Readonly<Record<number, number>>): LatencyBucket[] =>
  Object.entries(counts).map(([over, requests]) => ({
    overSeconds: Number(over),
    upToSeconds: Number(over) + 1,
    requests,
  }));

const counted = (requests: number, counts: Readonly<Record<number, number>>): Counted => ({
  ...{ requests, failed: 1 },
  latencies: buckets(counts),
});

it("counters grow bucket by bucket, also by those that were empty before", () => {
  const grown = grownSince(counted(5, { 1: 3, 2: 2 }), counted(9, { 0: 1, 1: 4, 2: 2, 5: 2 }));
  expect(grown).toEqual({ requests: 4, failed: 0, latencies: buckets({ 0: 1, 1: 1, 2: 0, 5: 2 }) });
});

it("counters that began anew have grown by less than nothing, also where only a bucket says so", () => {
  expect(grownSince(counted(9, { 1: 9 }), counted(2, { 1: 2 })).requests).toBe(-7);
  expect(grownSince(counted(9, { 1: 9 }), counted(10, { 2: 10 })).latencies).toEqual(
    buckets({ 1: -9, 2: 10 }),
  );
});

it("what several counted is put together, fastest first", () => {
  expect(together([])).toEqual({ requests: 0, failed: 0, latencies: [] });
  expect(together([counted(2, { 3: 2 }), counted(4, { 1: 1, 3: 3 })])).toEqual({
    ...{ requests: 6, failed: 2 },
    latencies: buckets({ 1: 1, 3: 5 }),
  });
});
