import { z } from "zod";
import { repositoryPath } from "./names.ts";
import { needs } from "./needs.ts";
import { browser, postgres, redis } from "./surroundings.ts";
import { timeoutMinutes } from "./time-limit.ts";

/** How a script is judged. */
export const judging = {
  results: repositoryPath
    .nullable()
    .default(null)
    .describe(
      "Where it leaves the results of its tests, as a glob: JUnit XML, or the JSON of Vitest or Jest. Then flaky tests are known, " +
        "and those that are flaky too often are in quarantine.",
    ),
  retries: z
    .number()
    .int()
    .min(0)
    .max(3)
    .default(0)
    .describe("How often the whole script is run again where it fails. That it was is said, and remembered."),
};

/** The shape of `script: ...`: a task of the repository, how it is judged, and what it finds around it. */
export const script = z.strictObject({
  script: z.string().min(1).describe("A script of the root package.json, or a task of cargo's."),
  needs,
  timeoutMinutes,
  ...judging,
  browser,
  postgres,
  redis,
});
