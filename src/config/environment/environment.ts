import { z } from "zod";
import { afterRelease } from "./after-release.ts";
import { approvals } from "./approvals.ts";
import { checklist } from "./checklist.ts";
import { dependencies } from "./dependencies.ts";
import { backup } from "./backup.ts";
import { emergency } from "./emergency.ts";
import { gitops } from "./gitops.ts";
import { ledger } from "../ledger.ts";
import { limits } from "../limits.ts";
import { metricSource } from "./metrics.ts";
import { httpPath, label, replicas, variableName, variables } from "../names.ts";
import { registry } from "../registry.ts";
import { strategy } from "./strategy.ts";
import { timeouts } from "./timeouts.ts";
import { environmentFindings } from "../findings.ts";
import { freezes, windows } from "../windows/windows.ts";

const target = z
  .union([z.literal("local"), z.strictObject({ gitops })], {
    error: ({ input }) =>
      typeof input === "string"
        ? `${JSON.stringify(input)} is no target of this version of Fairway; known: local, gitops: { repository, ... }`
        : "must be local, or gitops: { repository, path, ... }",
  })
  .describe(
    "Where the services run. `local`: as processes of this machine behind a proxy. `gitops`: where a controller brings " +
      "what a manifests repository says.",
  );

const smokeCheck = z.strictObject({
  service: label,
  path: httpPath,
  status: z.number().int().min(100).max(599).default(200),
  contains: z.string().min(1).nullable().default(null).describe("Text that the body must contain."),
});

const smokeScript = z.strictObject({
  script: z
    .string()
    .min(1)
    .describe(
      "A script of the root package.json, run against what serves: FAIRWAY_URL_<SERVICE> has the address of each service. " +
        "It passes when it ends with 0.",
    ),
});

const smoke = z.union([smokeCheck, smokeScript], {
  error: "must be { service, path, ... }, or { script }",
});

const override = z.strictObject({
  replicas: replicas.optional(),
  limits: limits.optional(),
  variables: variables.default({}),
  secrets: z.array(variableName).default([]),
});

/** What stands at an environment, before anything of it depends on something else. */
export const environmentFields = z.strictObject({
  target,
  ledger: ledger
    .optional()
    .describe(
      "Where this environment's events are written. Default: sqlite for target local, else `ledger`.",
    ),
  registry: registry
    .optional()
    .describe("Where the images of what is deployed here are pushed. Default: `registry`."),
  variables: variables.default({}).describe("Plain variables for every service in this environment."),
  services: z
    .record(label, override)
    .default({})
    .describe("What is different for one service in this environment."),
  secrets: z
    .array(variableName)
    .default([])
    .describe("Names of values in --secrets that every service gets."),
  smoke: z
    .array(smoke)
    .default([])
    .describe("What proves a release that serves: requests to its services, and scripts of the repository."),
  strategy: strategy.prefault("rolling"),
  metrics: z
    .record(label, metricSource)
    .default({})
    .describe("Where figures come from that a canary is judged by beside the target's own, by name."),
  dependencies,
  afterRelease: afterRelease.nullable().default(null),
  timeouts,
  branch: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("Only commits of this branch are deployed here."),
  tags: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("Only commits with a tag like this are deployed here; a star stands for anything: `v*`."),
  after: label
    .nullable()
    .default(null)
    .describe("The environment in which a release is proven first: only its very images come here."),
  soakMinutes: z
    .number()
    .int()
    .min(0)
    .max(60 * 24 * 90)
    .default(0)
    .describe("Minutes that a release has to be live in `after` before it may come here."),
  windows,
  freezes,
  checklist,
  approvals: approvals.nullable().default(null),
  emergency: emergency.nullable().default(null),
  findings: environmentFindings.optional(),
  optional: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Checks that hold no deploy to this environment when they cannot be settled: a scanner that does not run here. One that " +
        "fails still fails. Every other check is required.",
    ),
  backup: backup.optional(),
  maintenance: z
    .enum(["never", "migrations", "always"])
    .default("never")
    .describe(
      "When visitors are answered 503 while the environment changes. `migrations`: where the database changes too. Target local.",
    ),
  standIns: z
    .enum(["allowed", "refused"])
    .optional()
    .describe(
      "Whether images whose base was stood in for by this machine's userland may run here. " +
        "Default: allowed for target local, else refused.",
    ),
});

export const environment = environmentFields
  .transform((value) => ({
    ...value,
    standIns: value.standIns ?? (value.target === "local" ? "allowed" : "refused"),
  }))
  .describe("A place that releases are deployed to.");
