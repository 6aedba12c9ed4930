import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** The long proofs: crash matrices, load, whole stories. One at a time, so that they do not starve each other. */
export default defineConfig({
  test: {
    globalSetup: ["test/support/build.ts"],
    include: ["test/slow/**/*.test.ts"],
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/compiled") },
    testTimeout: 20 * 60_000,
    hookTimeout: 5 * 60_000,
    maxWorkers: 1,
    fileParallelism: false,
    reporters: ["default", "./test/support/skips.ts"],
  },
});
