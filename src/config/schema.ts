import { z } from "zod";
import { environment } from "./environment/environment.ts";
import { findings } from "./findings.ts";
import { ledger } from "./ledger.ts";
import { limits } from "./limits.ts";
import { needs } from "./needs.ts";
import { registry } from "./registry.ts";
import { scan } from "./scan.ts";
import { defaultTimeoutMinutes, timeoutMinutes } from "./time-limit.ts";
import { judging, script } from "./script.ts";
import { browser, redis } from "./surroundings.ts";
import {
  httpPath,
  imageReference,
  label,
  postgresVersion,
  replicas,
  repositoryPath,
  rowCount,
  seconds,
  variableName,
  variables,
} from "./names.ts";

const integrationOptions = z.strictObject({
  postgres: postgresVersion
    .default("18")
    .describe("Version of the PostgreSQL server that is started for this check alone."),
  script: z
    .string()
    .min(1)
    .default("test:integration")
    .describe("The script of the root package.json to run."),
  variable: variableName
    .default("DATABASE_URL")
    .describe("The variable in which the script finds the database's URL."),
  redis,
  browser,
  ...judging,
});

const check = z
  .union(
    [
      z.string().min(1),
      script,
      z.strictObject({ integration: integrationOptions, needs, timeoutMinutes }),
      scan,
    ],
    {
      error:
        "must be the name of a script (`lint`), `script: lint`, `integration: { ... }`, or `scan: secretlint`",
    },
  )
  .transform((value) => {
    if (typeof value === "string")
      return value === "integration"
        ? {
            ...{ kind: "integration" as const, name: value, ...integrationOptions.parse({}) },
            ...{ needs: [], timeoutMinutes: defaultTimeoutMinutes },
          }
        : { kind: "script" as const, name: value, ...script.parse({ script: value }) };
    const { needs, timeoutMinutes } = value;
    if ("scan" in value)
      return { kind: "scan" as const, name: value.name ?? value.scan, options: value, needs, timeoutMinutes };
    if ("script" in value) return { kind: "script" as const, name: value.script, ...value };
    return { kind: "integration" as const, name: "integration", ...value.integration, needs, timeoutMinutes };
  })
  .describe(
    "A script of the root package.json, run as `pnpm run <name>` (or with npm or yarn), or a task of cargo's: `fmt`, `clippy`, `build`, `test`; " +
      "`integration`, which runs `test:integration` with a fresh PostgreSQL database that has all migrations; or " +
      "`scan: secretlint`, a scanner, whose findings are judged by severity. `script: e2e` with `needs: [build]` waits for others, with `results` it is judged by its tests, with `browser: true` it has Chromium.",
  );

const service = z
  .strictObject({
    dockerfile: repositoryPath.describe("The Dockerfile of this service."),
    context: repositoryPath.default(".").describe("The build context."),
    port: z
      .number()
      .int()
      .min(1)
      .max(65535)
      .describe("The port that the service listens on when PORT does not say otherwise."),
    startup: httpPath
      .nullable()
      .default(null)
      .describe("Path that answers 2xx once the service has started."),
    ready: httpPath.describe(
      "Path that answers 2xx while the service can take requests; it may ask the database.",
    ),
    live: httpPath.nullable().default(null).describe("Path that answers 2xx while the process is not stuck."),
    envSchema: repositoryPath
      .nullable()
      .default(null)
      .describe(
        "A module with the zod schema of this service's environment (`environmentSchema`, `schema` or the default export). " +
          "A deploy checks the environment's variables with it before anything starts.",
      ),
    startupTimeoutSeconds: seconds(1, 3600)
      .default(60)
      .describe("Seconds from start to the first ready answer."),
    drainSeconds: seconds(0, 3600)
      .default(10)
      .describe("Seconds that a replica gets to finish its requests before it is stopped."),
    replicas: replicas.default(1).describe("How many processes serve at once."),
    limits: limits.optional(),
    needs: z.array(label).default([]).describe("Services that must be ready before this one starts."),
    variables: variables
      .default({})
      .describe(
        "Plain variables for every environment. `${services.api.url}` is the address of another service.",
      ),
    secrets: z
      .array(variableName)
      .default([])
      .describe("Names of values in --secrets that this service gets."),
  })
  .describe("One thing that is built from a Dockerfile and answers HTTP.");

const database = z
  .strictObject({
    prisma: z.strictObject({
      schema: repositoryPath.describe("The Prisma schema; its migrations are in `migrations` beside it."),
      url: variableName
        .default("DATABASE_URL")
        .describe("The variable in which services and Prisma find the database's URL."),
      postgres: postgresVersion
        .default("18")
        .describe("Version of PostgreSQL of the environments' databases."),
    }),
    package: repositoryPath
      .nullable()
      .default(null)
      .describe(
        "The directory in which prisma is run; default: that of the nearest package.json above the schema.",
      ),
    uses: z
      .array(z.string().min(1))
      .nullable()
      .default(null)
      .describe(
        "Tables and columns that the code uses in SQL of its own, beside what schema.prisma says: `orders`, `orders.total`. " +
          "[] where it has none. Absent: nobody said, and what a migration removes is taken to be used.",
      ),
    contractSoakMinutes: z
      .number()
      .int()
      .min(0)
      .default(1440)
      .describe(
        "Minutes for which a release that stopped using something serves before a migration may remove it; " +
          "until then somebody may go back to the one that uses it.",
      ),
    tables: z
      .record(z.string().min(1), rowCount)
      .default({})
      .describe(
        "Rows of the real tables, by their names in the database: `Order: 5_000_000`, `billing.invoices: 20_000`. What " +
          "`migrations --measure` measures is told for tables of these sizes.",
      ),
    lockLimitSeconds: z
      .number()
      .positive("must be more than 0 seconds")
      .max(86_400)
      .nullable()
      .default(null)
      .describe(
        "The longest that a migration may keep readers or writers of a table waiting. `migrations --measure` fails where it will " +
          "be longer, and asks a person where it may be.",
      ),
  })
  .describe("The database that all services share, and its migrations.");

/** The shape of fairway.yaml and of `pipeline()`. */
export const configSchema = z
  .strictObject({
    name: label.describe("Name of the pipeline: part of image names and of what people read."),
    checks: z.array(check).default([]).describe("What must pass before images are built."),
    findings: findings.prefault({}),
    tests: z
      .strictObject({
        owner: z
          .string()
          .trim()
          .min(1)
          .nullable()
          .default(null)
          .describe(
            "Who mends a flaky test that CODEOWNERS gives to nobody. A test without an owner is not put in quarantine.",
          ),
      })
      .prefault({})
      .describe("What becomes of tests that do not always work."),
    services: z.record(label, service).default({}).describe("What is built and run, by name."),
    database: database.nullable().default(null),
    registry: registry
      .default("loopback")
      .describe("Where images are pushed, for environments that do not say otherwise."),
    ledger: ledger
      .default("sqlite")
      .describe("Where what happened is written down, for environments that are not local."),
    toolImages: z
      .strictObject({
        node: imageReference.optional(),
        rust: imageReference.optional(),
        postgres: imageReference.optional(),
        redis: imageReference.optional(),
        browser: imageReference
          .optional()
          .describe(
            "With a browser and the toolchain; default: the toolchain's image, to which Debian's Chromium is added.",
          ),
        git: imageReference.optional(),
        go: imageReference.optional(),
        python: imageReference.optional(),
        trivy: imageReference.optional(),
        trufflehog: imageReference.optional(),
      })
      .default({})
      .describe(
        "Other images for Fairway's own steps than the pinned defaults: for mirrors and air-gapped registries.",
      ),
    environments: z.record(label, environment).default({}).describe("Where releases go, by name."),
  })
  .describe("A delivery pipeline of Fairway.");

/** A valid config with all defaults. */
export type Config = z.output<typeof configSchema>;
/** A config as people write it. */
export type ConfigInput = z.input<typeof configSchema>;
export type CheckConfig = Config["checks"][number];
export type ServiceConfig = Config["services"][string];
export type DatabaseConfig = NonNullable<Config["database"]>;
export type EnvironmentConfig = Config["environments"][string];
export type RegistryConfig = Config["registry"];
