import { z } from "zod";
import { label } from "../../config/config.ts";
import { environmentChange } from "./environment.ts";

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

const script = z
  .strictObject({
    verdict: z
      .enum(["pass", "fail", "insufficient"])
      .default("pass")
      .describe("`insufficient`: it could not be run."),
    seconds: z.number().min(0).max(86_400).default(0).describe("How long it takes."),
  })
  .describe("How a script ends.");

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
    scripts: z
      .record(z.string().min(1), script)
      .default({})
      .describe(
        "Scripts of its package.json, by name, as the checklist, `smoke` and `backup` run them. One that is not named passes at once.",
      ),
    environments: z
      .record(label, environmentChange)
      .default({})
      .describe(
        "What its fairway.yaml has instead of what stands in the scenario's `environments`. Rules count for the releases that " +
          "come after it, once it is proven.",
      ),
    signers: z
      .array(z.string().min(1))
      .optional()
      .describe("The people whose keys are in its signers file. Default: everybody's."),
    branch: z.string().min(1).default("main"),
    tags: z.array(z.string().min(1)).default([]).describe("Tags of its commit."),
    author: z.string().min(1).default("linus").describe("Who wrote it: one of `people`."),
  })
  .describe("A version, and how it behaves. By itself it is a good one.");

export type ScenarioRelease = z.output<typeof release>;
