import type { ConfigInput } from "../../../config/config.ts";
import type { FoundService } from "./service.ts";
import type { Survey } from "./survey.ts";

/** A config, and what it could not be made to say. */
export interface Draft {
  readonly config: ConfigInput;
  /** What a person has to decide, each with its place in the config. */
  readonly undecided: readonly string[];
}

const defaultPostgres = "18";

export function draftConfig(survey: Survey): Draft {
  const undecided: string[] = [];
  const tasks = survey.cargo === null ? scriptsOf(survey, undecided) : [...cargoTasks];
  if (tasks.length === 0)
    undecided.push("checks: no script of package.json looks like lint, typecheck or tests");
  if (survey.cargo?.hasLockfile === false)
    undecided.push("Cargo.lock: there is none; make it with cargo generate-lockfile, and commit it");
  undecided.push(
    "checks, scan: secretlint: it fails for keys and passwords in files; what is none, or is known, stands in fairway.suppressions.yaml",
  );
  const services = Object.fromEntries(
    survey.services.map((found) => [found.name, serviceOf(found, undecided)]),
  );
  if (survey.services.length === 0)
    undecided.push("services: no Dockerfile was found; a service is built from one");
  if (survey.services.length > 1)
    undecided.push("services.*.needs: which service calls which, and the variable that holds its URL");
  if (survey.prisma !== null && survey.prisma.postgres === null) {
    undecided.push(`database.prisma.postgres: taken to be ${defaultPostgres}; say what production runs`);
  }
  if (survey.services.length > 0)
    undecided.push("environments.local.smoke: a request that proves that a release works");
  const config = {
    name: survey.name,
    checks: [...tasks, { scan: "secretlint" }],
    services,
    ...(survey.prisma === null ? {} : { database: databaseOf(survey.prisma) }),
    // An environment without a service to deploy would be an error.
    environments: survey.services.length === 0 ? {} : { local: { target: "local" } },
  } as ConfigInput;
  return { config, undecided };
}

type CheckInput = NonNullable<ConfigInput["checks"]>[number];

/** Nobody writes scripts for them. */
const cargoTasks = ["fmt", "clippy", "test", "build"] as const;

/** One script for each kind of check, by the names that people give them. */
function scriptsOf(survey: Survey, undecided: string[]): CheckInput[] {
  const scripts = survey.packageJson?.scripts ?? {};
  const first = (...names: readonly string[]) => names.find((name) => isWritten(scripts[name]));
  const plain = [
    first("lint"),
    first("typecheck", "type-check", "check-types", "types"),
    first("unit", "test:unit", "test"),
  ].filter((name) => name !== undefined);
  const integration = first("test:integration", "integration", "test:int");
  const e2e = hasBrowserTool(survey) ? first("e2e", "test:e2e") : undefined;
  if (e2e !== undefined)
    undecided.push(`checks, script: ${e2e}: its tool is told by CHROME_BIN where the browser is`);
  return [
    ...plain,
    ...(integration === undefined ? [] : [integrationOf(integration, survey, undecided)]),
    ...(e2e === undefined ? [] : [{ script: e2e, browser: true }]),
  ];
}

/** With a database it gets the migrations; without, nobody knows what it runs against. */
function integrationOf(script: string, { prisma }: Survey, undecided: string[]): CheckInput {
  if (prisma === null) {
    undecided.push(
      `checks, script: ${script}: the servers that it needs, such as postgres: "18" or redis: "8"`,
    );
    return script === "integration" ? { script } : script;
  }
  return {
    integration: {
      postgres: prisma.postgres ?? defaultPostgres,
      ...(script === "test:integration" ? {} : { script }),
      ...(prisma.url === "DATABASE_URL" ? {} : { variable: prisma.url }),
    },
  };
}

const browserTools = ["playwright", "playwright-core", "@playwright/test", "puppeteer", "puppeteer-core"];

function hasBrowserTool({ packageJson }: Survey): boolean {
  const names = Object.keys({ ...packageJson?.dependencies, ...packageJson?.devDependencies });
  return browserTools.some((tool) => names.includes(tool));
}

/** `npm init` writes a test that always fails, in the place of one. */
function isWritten(script: string | undefined): boolean {
  return script !== undefined && !script.includes("Error: no test specified");
}

function serviceOf(found: FoundService, undecided: string[]) {
  const place = `services.${found.name}`;
  if (found.port === null)
    undecided.push(`${place}.port: ${found.dockerfile} has no EXPOSE; taken to be 3000`);
  if (found.ready === null) undecided.push(`${place}.ready: no health path was found; taken to be /health`);
  return {
    dockerfile: found.dockerfile,
    ...(found.context === "." ? {} : { context: found.context }),
    port: found.port ?? 3000,
    ...(found.startup === null ? {} : { startup: found.startup }),
    ready: found.ready ?? "/health",
    ...(found.live === null ? {} : { live: found.live }),
    ...(found.envSchema === null ? {} : { envSchema: found.envSchema }),
  };
}

function databaseOf({ schema, url, postgres }: NonNullable<Survey["prisma"]>) {
  return { prisma: { schema, url, postgres: postgres ?? defaultPostgres } };
}
