import { z } from "zod";
import { seconds } from "../names.ts";
import { analysisLimit } from "./analysis-limit.ts";

const day = 24 * 60 * 60;

const analysis = z
  .strictObject({
    alphaPercent: z
      .number()
      .gt(0)
      .max(20)
      .default(1)
      .describe("How often a version that is no worse may be rolled back, for a whole rollout."),
    powerPercent: z
      .number()
      .min(50)
      .lt(100)
      .default(90)
      .describe("How often a version that is worse by twice a limit is noticed in one step."),
    expectedErrorPercent: z
      .number()
      .min(0)
      .max(50)
      .default(0.1)
      .describe(
        "What fails of the version that serves, for the number of requests that it takes; more where more is counted.",
      ),
    minimumRequests: z
      .int()
      .min(20)
      .max(1_000_000)
      .default(100)
      .describe(
        "With fewer requests of either version nothing passes, whatever they say; of values it is 20, or less where this is.",
      ),
    lookSeconds: seconds(1, 3600).default(15).describe("How often it is looked at."),
    failedLooks: z.int().min(1).max(20).default(1).describe("How many looks in a row have to fail."),
    sourceErrors: z
      .int()
      .min(1)
      .max(100)
      .default(4)
      .describe("At how many looks in a row a source may not be readable before a hold ends."),
    whenInsufficient: z
      .strictObject({
        extendSeconds: seconds(0, 7 * day)
          .optional()
          .describe("How much longer a step waits for what is missing. Default: twice holdSeconds."),
        then: z
          .enum(["hold", "roll-back"])
          .default("hold")
          .describe("`hold`: a person decides, and the weight stays. `roll-back`: it goes back."),
      })
      .prefault({}),
  })
  .prefault({});

const weight = z.number().gt(0).max(100).multipleOf(0.1);

const canary = z
  .strictObject({
    weights: z
      .array(weight)
      .min(2)
      .max(50)
      .refine((weights) => weights.at(-1) === 100, "must end with 100")
      .refine(
        (weights) => weights.every((one, index) => index === 0 || one > (weights[index - 1] ?? 0)),
        "must grow from one to the next",
      )
      .default([5, 25, 50, 100])
      .describe("Percent of the visitors that get the new version, step by step."),
    holdSeconds: seconds(1, 7 * day)
      .default(900)
      .describe("How long each of them is held at least."),
    sticky: z.boolean().default(false).describe("Whether a visitor stays with the version that he got."),
    limits: z.array(analysisLimit).min(1, "needs one at least: without limits nothing is ever found out"),
    analysis,
  })
  .describe(
    "A part of the visitors gets the new version, and more of them while it is as good as the old one.",
  );

const blueGreen = z
  .strictObject({
    bakeSeconds: seconds(0, day)
      .default(60)
      .describe("How long what served before stays ready for a switch back after the switch."),
  })
  .describe(
    "The new version is started beside the old one and tested at its own address; then all visitors are switched at once.",
  );

const rolling = z
  .strictObject({
    maxSurge: z
      .int()
      .min(0)
      .max(100)
      .default(1)
      .describe("How many replicas of a service may run above their number."),
    maxUnavailable: z
      .int()
      .min(0)
      .max(100)
      .default(0)
      .describe("How many of its replicas may be stopped before their successors are ready."),
  })
  .refine(
    ({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0,
    "maxSurge and maxUnavailable cannot both be 0: nothing could be replaced",
  )
  .describe("So many replicas after the others: both numbers together make a batch.");

/** `strategy` of an environment: how visitors get from one version to the next. */
export const strategy = z
  .union(
    [
      z.literal("rolling").transform(() => ({ rolling: rolling.parse({}) })),
      z.literal("blue-green").transform(() => ({ blueGreen: blueGreen.parse({}) })),
      z.strictObject({ rolling }),
      z.strictObject({ blueGreen }),
      z.strictObject({ canary }),
    ],
    {
      error:
        "must be rolling, blue-green, or one of rolling: { ... }, blueGreen: { ... }, canary: { weights, limits, ... }",
    },
  )
  .describe("How a release takes the place of the one before. Default: rolling.");

export type StrategyConfig = z.output<typeof strategy>;
