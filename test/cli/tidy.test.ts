import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cacheLimitBytes, tidyCache } from "../../src/cli/run/tidy.ts";

let root: string;
let limits: number[];
let notes: string[];
const tidy = (variables: Record<string, string>, now: string) =>
  tidyCache(store(), cacheLimitBytes(variables), new Date(now), (text) => notes.push(text));
const store = () => ({
  root,
  prune: async (maxBytes: number) => {
    limits.push(maxBytes);
    return { removedBytes: 0 };
  },
});

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-tidy-"));
  limits = [];
  notes = [];
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

it("the cache is measured once a day, from the second day on", async () => {
  await tidy({}, "2026-03-01T08:00:00Z");
  expect(limits).toEqual([]);
  await tidy({}, "2026-03-02T09:00:00Z");
  await tidy({}, "2026-03-03T08:59:00Z");
  expect(limits).toEqual([20 * 1024 ** 3]);
  await tidy({ FAIRWAY_CACHE_MAX_GB: "2.5" }, "2026-03-03T09:01:00Z");
  expect(limits[1]).toBe(2.5 * 1024 ** 3);
});

it("a limit that is no number is refused by name", () => {
  expect(() => cacheLimitBytes({ FAIRWAY_CACHE_MAX_GB: "lots" })).toThrow(
    expect.objectContaining({ code: "CACHE_LIMIT", exitCode: 2 }),
  );
});

it("a cache that cannot be tidied is a note, not an error", async () => {
  const broken = { root, prune: () => Promise.reject(new Error("no space left")) };
  await tidy({}, "2026-03-01T08:00:00Z");
  await tidyCache(broken, 1, new Date("2026-03-03T08:00:00Z"), (text) => notes.push(text));
  expect(notes).toEqual(["the cache was not tidied: no space left"]);
});
