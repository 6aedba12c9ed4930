import { join } from "node:path";
import { defineConfig } from "vitest/config";

const slowAndFixtures = ["test/slow/**", "**/node_modules/**", "test/**/fixtures/**"];
/** Folders whose tests may change what their process shares with others: each file gets a process of its own. */
const ofTheirOwn = "test/{providers,e2e,examples,docs}/**/*.test.ts";
/** Folders whose tests start programs: the engine's steps, servers, the command line. */
const withPrograms = "test/{host,engine,cli,scripts,database/measure/run}/**/*.test.ts";

export default defineConfig({
  test: {
    globalSetup: ["test/support/build.ts"],
    // Of a machine that does three things at once: what hangs is found all the same.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // The command line is started some hundred times, each with an empty cache of its own.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/compiled") },
    // More than there are cores: many of them wait for programs, and not for the processor.
    maxWorkers: 3,
    reporters: ["default", "./test/support/skips.ts"],
    projects: [
      // Neither engine nor programs, as good as all of it: `npm run test:unit`, half a minute.
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...slowAndFixtures, ofTheirOwn, withPrograms],
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: "programs", include: [withPrograms], exclude: slowAndFixtures, isolate: false },
      },
      { extends: true, test: { name: "whole", include: [ofTheirOwn], exclude: slowAndFixtures } },
    ],
  },
});
