import { z } from "zod";
import { label } from "../names.ts";

const source = label
  .nullable()
  .default(null)
  .describe("A source of `metrics`. Default: the target's own figures.");

const services = z
  .array(label)
  .min(1)
  .optional()
  .describe("The services that are judged by it, each by itself. Default: all that change.");

const positive = z.number().positive();

const errorRate = z.strictObject({
  maxIncreasePoints: positive
    .max(100)
    .optional()
    .describe("Percentage points by which more requests may fail than beside it: 0.5."),
  maxPercent: positive.max(100).optional().describe("Percent of the requests that may fail."),
  source,
  services,
});

const latency = z.strictObject({
  quantile: z.number().gt(0).lt(1).default(0.99).describe("0.99 for the p99."),
  maxIncreasePercent: positive.optional().describe("Percent by which it may be slower than beside it."),
  maxMilliseconds: positive.optional().describe("How slow it may be."),
  source,
  services,
});

const value = z.strictObject({
  name: z.string().min(1).describe("What the source knows it by."),
  better: z.enum(["lower", "higher"]),
  maxWorsePercent: positive.optional().describe("Percent by which it may be worse than beside it."),
  worst: z.number().optional().describe("The worst value that is allowed."),
  source: label.describe("A source of `metrics`."),
  services,
});

const twoBounds = "needs exactly one bound";

/** One limit of an analysis. */
export const analysisLimit = z
  .union(
    [
      z.strictObject({
        errorRate: errorRate.refine(
          ({ maxIncreasePoints, maxPercent }) =>
            (maxIncreasePoints === undefined) !== (maxPercent === undefined),
          `${twoBounds}: maxIncreasePoints, or maxPercent`,
        ),
      }),
      z.strictObject({
        latency: latency.refine(
          ({ maxIncreasePercent, maxMilliseconds }) =>
            (maxIncreasePercent === undefined) !== (maxMilliseconds === undefined),
          `${twoBounds}: maxIncreasePercent, or maxMilliseconds`,
        ),
      }),
      z.strictObject({
        value: value.refine(
          ({ maxWorsePercent, worst }) => (maxWorsePercent === undefined) !== (worst === undefined),
          `${twoBounds}: maxWorsePercent, or worst`,
        ),
      }),
    ],
    { error: "must be { errorRate: ... }, { latency: ... } or { value: ... }" },
  )
  .describe("What a new version is judged by while it gets a part of the requests.");
