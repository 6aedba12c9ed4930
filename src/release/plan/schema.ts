import { z } from "zod";
import type { Json } from "../../model/canonical-json.ts";

/**
 * The shape of a plan and of the file that keeps it: read by it, and published as plan.schema.json. A test proves that the
 * model's `Plan` is this very type. What is unknown here is refused in a plan: nobody signs what nobody reads.
 */

const text = z.string();
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const object = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).readonly();
const count = z.int().nonnegative();
const anything = z.json() as unknown as z.ZodType<Json>;

const hash = text.regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hex digits");
const image = text.describe("`host:port/repository@sha256:<64 hex>`");
const commit = text.describe("40 hex digits.");
const seconds = z.number().nonnegative();

const plannedMigration = object({
  name: text,
  phase: z.enum(["expand", "backfill", "contract", "unknown"]),
  checksum: text.exactOptional().describe("SHA-256 of the file: who approves the plan approves this text."),
  liveCode: z
    .enum(["breaks", "unknown"])
    .exactOptional()
    .describe(
      "Whether code that is live, or that one may go back to, goes on working after it; absent: it does.",
    ),
  phaseReason: text.exactOptional().describe("Why its phase is another one than its statements have."),
});

const databaseUses = object({
  tables: z.record(text, list(text)).readonly().describe("Columns by table."),
  types: list(text),
  sql: list(text)
    .nullable()
    .describe("What SQL of the team's own uses, as `orders` or `orders.total`; null where nobody said."),
}).describe("What the release's code reads and writes of the database; absent where nobody recorded it.");

const imageChange = object({
  service: text,
  image,
  replaces: text
    .nullable()
    .describe(
      "What was there when the plan was made: anything else is not overwritten. Null where nothing was.",
    ),
});

const smokeCheck = object({
  service: text,
  path: text,
  status: z.int(),
  contains: text.nullable().describe("Text that the body must contain; null for any body."),
});

const dependencyUrl = z
  .union([object({ secret: text }), object({ url: text })])
  .describe("The name of the secret that holds it, or the URL where that is no secret.");

const dependencyCheck = z.discriminatedUnion("kind", [
  object({ kind: z.literal("database"), at: dependencyUrl }),
  object({ kind: z.literal("redis"), at: dependencyUrl }),
  object({
    kind: z.literal("http"),
    url: text,
    status: z.int(),
    contains: text.nullable().describe("Text that the body must contain; null for any body."),
  }),
  object({ kind: z.literal("certificate"), host: text, port: z.int(), minDays: count }),
]);

const imageTag = object({ image, tag: text });

const script = text.nullable();

const source = text.nullable().describe("Name of a source of figures; null for the target's own.");
const number = z.number();

const limit = z
  .discriminatedUnion("metric", [
    object({
      metric: z.literal("error-rate"),
      source,
      bound: z.union([object({ maxIncreasePoints: number }), object({ maxPercent: number })]),
    }),
    object({
      metric: z.literal("latency"),
      source,
      quantile: number,
      bound: z.union([object({ maxIncreasePercent: number }), object({ maxMilliseconds: number })]),
    }),
    object({
      metric: z.literal("value"),
      source: text,
      name: text,
      better: z.enum(["lower", "higher"]),
      bound: z.union([object({ maxWorsePercent: number }), object({ worst: number })]),
    }),
  ])
  .meta({ id: "limit", description: "What the new version is judged by." });

const operation = z
  .discriminatedUnion("kind", [
    object({
      kind: z.literal("backup"),
      migrations: list(text).describe("Those that the database has, oldest first."),
      keep: count
        .nullable()
        .describe("How many backups stay, with this one; null where somebody else clears up."),
      script: script.describe("The repository's script that makes it; null where the target does."),
    }),
    object({
      kind: z.literal("restore"),
      backup: text.describe("The deployment that made it."),
      reference: text.describe("What it is called where it is."),
      migrations: list(plannedMigration).describe("Those that the database has afterwards."),
      script,
    }),
    object({ kind: z.literal("maintenance"), on: z.boolean() }),
    object({ kind: z.literal("migrate"), migrations: list(plannedMigration) }),
    object({
      kind: z.literal("replace-replica"),
      service: text,
      index: count,
      also: list(count).exactOptional().describe("Slots that are replaced at the same time."),
      unavailable: count
        .exactOptional()
        .describe("So many of all these are stopped before their successors start."),
      version: text,
      replaces: z.boolean().exactOptional().describe("False where nothing is in the slot."),
      changedSecrets: list(text)
        .exactOptional()
        .describe("Secrets that have another value now, where nothing else is a reason."),
    }),
    object({ kind: z.literal("remove-replica"), service: text, index: count }),
    object({
      kind: z.literal("start-beside"),
      service: text,
      version: text,
      replicas: count.describe("So many of them run beside those that serve afterwards."),
    }),
    object({
      kind: z.literal("set-weight"),
      version: text,
      services: list(text).describe("All of them change at once."),
      percent: z
        .number()
        .min(0)
        .max(100)
        .describe("Of the requests, to what runs beside; in tenths at finest."),
      sticky: z.boolean().describe("A visitor stays on the side that he got."),
    }),
    object({ kind: z.literal("take-over"), service: text, version: text }),
    object({ kind: z.literal("stop-beside"), service: text }),
    object({
      kind: z.literal("analyse"),
      version: text,
      percent: number.describe("Of the visitors, to what is looked at."),
      limits: list(object({ service: text, limit })),
      holdSeconds: seconds.describe("Nothing passes before; what fails, fails at any look."),
      extendSeconds: seconds.describe("For so much longer it may wait for what is missing."),
      lookSeconds: seconds,
      rule: object({
        alpha: number.describe("What all looks at one limit of this step may spend."),
        power: number.describe("The probability with which twice a limit is noticed."),
        expected: number.describe("The share of errors that the version that serves is planned with."),
        atLeast: count.describe("With fewer requests of either version nothing passes."),
      }),
      failedLooks: count.describe("So many looks in a row have to fail."),
      sourceErrors: count.describe("So many looks in a row at which a source cannot be read."),
      whenInsufficient: z.enum(["hold", "roll-back"]),
    }),
    object({ kind: z.literal("set-images"), version: text, images: list(imageChange) }),
    object({ kind: z.literal("await-healthy"), version: text, timeoutSeconds: seconds }),
    object({
      kind: z.literal("check-dependencies"),
      checks: list(dependencyCheck),
      timeoutSeconds: seconds,
    }),
    object({
      kind: z.literal("smoke"),
      checks: list(smokeCheck),
      side: z
        .literal("beside")
        .exactOptional()
        .describe("Asks what runs beside, at its idle address; absent for the public one."),
    }),
    object({ kind: z.literal("run-script"), script: text }),
    object({
      kind: z.literal("watch"),
      seconds,
      rollBackOn: list(z.enum(["health", "smoke"])),
      smoke: list(smokeCheck),
      beside: list(text)
        .exactOptional()
        .describe("Services of which what runs beside has all visitors, and is what is looked at."),
      reviewOn: object({
        errorRatePercent: z.number().nullable(),
        p95Milliseconds: z.number().nullable(),
      }).nullable(),
    }),
    object({ kind: z.literal("tag-images"), tags: list(imageTag) }),
  ])
  .meta({ id: "operation", description: "One step: journaled before and after." });

const service = object({
  name: text,
  image,
  port: z.int(),
  replicas: count,
  limits: object({ cpus: z.number().positive().exactOptional(), memoryMiB: count.exactOptional() })
    .exactOptional()
    .describe("What each replica may take; absent where nothing limits it."),
  variables: z.record(text, text).readonly(),
  secretNames: list(text).describe("Names only: a plan has no value of a secret."),
  probes: object({
    startup: text.nullable(),
    ready: text,
    live: text.nullable(),
    startupTimeoutSeconds: seconds,
  }),
  drainSeconds: seconds,
  needs: list(text).describe("Services that must be ready before this one starts."),
});

const release = object({
  version: text,
  commit,
  branch: text.nullable(),
  services: list(service),
  migrations: list(text).describe("What the release's code expects, oldest first."),
  uses: databaseUses.exactOptional(),
}).meta({ id: "release", description: "One set of images from one commit." });

const author = object({ name: text, email: text });

const requirement = object({
  gate: z.enum(["emergency", "branch", "promotion", "windows", "checklist", "approvals"]),
  asks: anything.describe("In the words of the policy."),
  skipped: z.boolean().exactOptional().describe("True for one that an emergency passes by."),
});

export const planSchema = object({
  schema: z.literal(1),
  action: z.enum(["deploy", "rollback", "restore"]),
  environment: text,
  pipeline: text,
  release,
  from: release.nullable().describe("What was live when the plan was made."),
  operations: list(operation).describe("In this order."),
  timeouts: object({
    deploy: seconds.describe("For all operations together; the way back has none."),
    migrate: seconds,
    operation: seconds.describe("For each other operation, beside the time that it is meant to wait."),
  }).describe("Seconds after which what does not end is given up."),
  wayBack: object({
    operations: list(operation),
    impossible: list(text).describe("What no way leads back from."),
  }),
  changes: object({
    complete: z.boolean().describe("False where the history at hand does not reach what was live."),
    commits: list(object({ commit, subject: text, author, coAuthors: list(author) })),
  }).describe("What was written since `from`, newest first."),
  gates: list(requirement).describe("What has to be true before it may be applied; never whether it is."),
  policy: object({
    hash: hash.describe("Of the rules and of the signers file."),
    commit: commit.nullable().describe("The commit that the rules are from: the last one proven there."),
    brings: hash
      .exactOptional()
      .describe("Of other rules, which come into force once the release is proven."),
  }),
  emergency: object({ reason: text, ticket: text }).nullable(),
  standIns: list(text),
  after: object({ sequence: count, hash })
    .nullable()
    .describe("The environment's last event that changed what runs; null before the first."),
}).meta({ id: "plan", description: "What is going to be done. All of it is hashed, and nothing else is." });

/** What stands beside the plan is not hashed, and not read: whether the gates were open, an editor's `$schema`. */
export const planFileSchema = z
  .looseObject({
    hash: hash.describe("SHA-256 of the plan's canonical JSON (RFC 8785)."),
    plan: planSchema,
  })
  .readonly();

/** The JSON schema of a plan file (draft 2020-12), for those who read plans with programs; committed as plan.schema.json. */
export function planJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(planFileSchema, {
    target: "draft-2020-12",
    io: "input",
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly;
    },
  });
  return { ...schema, title: "A plan of Fairway" };
}
