import { z } from "zod";
import { label } from "../../config/config.ts";
import { time } from "./times.ts";

const environment = label.optional().describe("The environment. Default: the only one.");
const at = time.optional().describe("When. Default: at the end.");
const version = z.string().min(1);

/** How a command ended. */
export const commandOutcomes = [
  "promoted",
  "done",
  "nothing-to-do",
  "rolled-back",
  "held",
  "refused",
  "interrupted",
  "killed",
  "asked",
] as const;

const deploymentOutcomes = [
  "running",
  "interrupted",
  "in review",
  "succeeded",
  "nothing changed",
  "rolled back",
  "failed",
  "abandoned",
] as const;

const outcome = z
  .strictObject({
    of: z
      .string()
      .min(1)
      .describe(
        "The name of a deploy, promote, rollback, restore, resume, abort or maintenance: `deploy-1`.",
      ),
    outcome: z
      .enum(commandOutcomes)
      .describe(
        "`promoted` is live, `done` is what maintenance by hand ends with, `held` waits (exit 3), `refused` has changed nothing (exit 1 or 2), `rolled-back` is 4, `interrupted` 5.",
      ),
    code: z.string().min(1).optional().describe("The permanent name of its error: `LEASE_HELD`."),
    exitCode: z.int().min(0).max(5).optional(),
    says: z.string().min(1).optional().describe("A part of what it says."),
  })
  .describe("How a command ended.");

const live = z
  .strictObject({ at, live: version.describe("A release, or `nothing`."), in: environment })
  .describe("What the ledger says is live, as `fairway status` shows it.");

const serves = z
  .strictObject({ at, serves: version.describe("A release, or `nothing`."), in: environment })
  .describe("What all replicas in the target are, with nothing else beside them.");

const maintenance = z
  .strictObject({
    at,
    maintenance: z.enum(["on", "off"]).describe("Whether visitors are kept out."),
    in: environment,
  })
  .describe("Whether visitors are kept out.");

const migrated = z
  .strictObject({
    at,
    migrated: z.array(z.string().min(1)).describe("By name, in the order in which they came."),
    in: environment,
  })
  .describe("The migrations that the database has.");

const backups = z
  .strictObject({
    at,
    backups: z
      .array(z.string().min(1))
      .describe("Called like the deployments that made them, `production-2`; oldest first."),
    in: environment,
  })
  .describe("The backups that can be brought back.");

const weight = z
  .strictObject({
    weightAtMost: z.number().min(0).max(100).describe("Percent of the visitors."),
    of: version.describe("A release."),
    from: time.optional(),
    until: time.optional(),
    in: environment,
  })
  .describe("What share of the visitors a version never exceeded.");

const once = z
  .strictObject({
    neverTwice: z
      .union([z.literal("all"), z.array(z.string().min(1)).min(1)])
      .describe("Kinds of operations, or `all`."),
    in: environment,
  })
  .describe(
    "No operation of these kinds was carried out twice for one deployment. Of a backup, a smoke test or a look, which changes " +
      "nothing, that is never said.",
  );

const history = z
  .strictObject({
    history: z
      .array(
        z.strictObject({
          release: version,
          outcome: z.enum(deploymentOutcomes),
          by: z.string().min(1).optional(),
        }),
      )
      .describe("Its deployments, oldest first, as `fairway history` has them."),
    in: environment,
  })
  .describe("What history says at the end.");

export const expectation = z.union(
  [outcome, live, serves, maintenance, migrated, backups, weight, once, history],
  {
    error:
      "must be one of { of, outcome }, { live }, { serves }, { maintenance }, { migrated }, { backups }, { weightAtMost, of }, " +
      "{ neverTwice } or { history }",
  },
);

export type Expectation = z.output<typeof expectation>;
