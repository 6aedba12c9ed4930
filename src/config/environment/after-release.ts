import { z } from "zod";

/** What may still be found out once a release serves. */
export const afterRelease = z
  .strictObject({
    watchSeconds: z
      .int()
      .min(1)
      .max(24 * 60 * 60)
      .describe("How long a release is watched before it counts as proven."),
    rollBackOn: z
      .array(z.enum(["health", "smoke"]))
      .default(["health", "smoke"])
      .describe(
        "What takes the release back by itself: replicas that are not healthy, smoke checks that fail.",
      ),
    reviewOn: z
      .strictObject({
        errorRatePercent: z
          .number()
          .min(0)
          .max(100)
          .nullable()
          .default(null)
          .describe("More answers of 5xx, or cut off, than this share of the requests."),
        p95Milliseconds: z
          .number()
          .positive()
          .nullable()
          .default(null)
          .describe("95 of 100 requests take no longer than this."),
      })
      .nullable()
      .default(null)
      .describe(
        "What a person has to look at: the release serves, and is not proven until somebody says so.",
      ),
  })
  .describe("Watches a release that serves, and says what takes it back and what a person decides.");
