import { z } from "zod";

const errorPercent = z.number().min(0).max(100).describe("Percent of the requests that fail.");
const medianMilliseconds = z
  .number()
  .positive()
  .max(60_000)
  .describe("Half of the requests take no longer than this.");
const figures = z
  .record(z.string().min(1), z.number())
  .describe("What a source of metrics says of it, by name: `orders: 120`.");

const change = z
  .strictObject({
    afterSeconds: z.number().min(0).describe("Seconds since this version was first started."),
    errorPercent: errorPercent.optional(),
    medianMilliseconds: medianMilliseconds.optional(),
    figures: figures.optional(),
  })
  .describe("From then on it behaves like this.");

/** One version, and how it behaves. */
export const release = z
  .strictObject({
    errorPercent: errorPercent.default(0.1),
    medianMilliseconds: medianMilliseconds.default(50),
    figures: figures.default({}),
    changes: z.array(change).default([]).describe("How it behaves later, oldest first."),
    startSeconds: z
      .number()
      .min(0)
      .max(3600)
      .default(5)
      .describe("Seconds from the start of a replica to its first ready answer."),
    neverReady: z.boolean().default(false).describe("Its replicas never become ready."),
    crashAfterSeconds: z
      .number()
      .positive()
      .optional()
      .describe("Seconds after which each of its replicas ends, and stays away."),
    failsSmoke: z.boolean().default(false).describe("It answers smoke tests with a failure."),
    migrations: z
      .array(z.string().min(1))
      .default([])
      .describe("The migrations of the expand phase that come with it."),
    branch: z.string().min(1).default("main"),
    tags: z.array(z.string().min(1)).default([]).describe("Tags of its commit."),
    author: z.string().min(1).default("linus").describe("Who wrote it: one of `people`."),
  })
  .describe("A version, and how it behaves. By itself it is a good one.");

export type ScenarioRelease = z.output<typeof release>;
