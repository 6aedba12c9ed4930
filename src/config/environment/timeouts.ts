import { z } from "zod";

const minutes = z
  .int()
  .min(1)
  .max(24 * 60);

/** After which time what does not end is given up. */
export const timeouts = z
  .strictObject({
    deployMinutes: minutes
      .default(60)
      .describe(
        "For all operations of a deploy together; then it goes back. The way back has no limit as a whole.",
      ),
    migrateMinutes: minutes
      .default(30)
      .describe("For the migrations of one deploy, and for each backup and restore."),
    operationMinutes: minutes
      .default(10)
      .describe("For each other operation, beside the time that it is meant to wait."),
  })
  .prefault({})
  .describe("When a deploy is given up.");
