import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { tidyCache } from "../../src/cli/run/tidy.ts";

let root: string;
let limits: number[];
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
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

it("the cache is measured once a day", async () => {
  await tidyCache(store(), {}, new Date("2026-03-02T09:00:00Z"));
  await tidyCache(store(), {}, new Date("2026-03-03T08:59:00Z"));
  expect(limits).toEqual([20 * 1024 ** 3]);
  await tidyCache(store(), { FAIRWAY_CACHE_MAX_GB: "2.5" }, new Date("2026-03-03T09:01:00Z"));
  expect(limits[1]).toBe(2.5 * 1024 ** 3);
});

it("a limit that is no number is refused by name", async () => {
  const tidy = tidyCache(store(), { FAIRWAY_CACHE_MAX_GB: "lots" }, new Date());
  await expect(tidy).rejects.toMatchObject({ code: "CACHE_LIMIT", exitCode: 2 });
});
