import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** The tests of layers and sandbox, for an ordinary user who may not write here. */
export default defineConfig({
  root: join(import.meta.dirname, "../../.."),
  cacheDir: process.env["FAIRWAY_TEST_CACHE"] ?? "node_modules/.vite",
  test: {
    include: ["test/host/{layers,sandbox}/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
