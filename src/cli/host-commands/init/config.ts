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
  const checks = checksOf(survey);
  if (checks.length === 0)
    undecided.push("checks: no script of package.json looks like lint, typecheck or tests");
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
    checks,
    services,
    ...(survey.prisma === null ? {} : { database: databaseOf(survey.prisma) }),
    // An environment without a service to deploy would be an error.
    environments: survey.services.length === 0 ? {} : { local: { target: "local" } },
  } as ConfigInput;
  return { config, undecided };
}

type CheckInput = NonNullable<ConfigInput["checks"]>[number];

/** One script for each kind of check, by the names that people give them. */
function checksOf({ packageJson, prisma }: Survey): CheckInput[] {
  const scripts = packageJson?.scripts ?? {};
  const first = (...names: readonly string[]) => names.find((name) => isWritten(scripts[name]));
  const plain = [
    first("lint"),
    first("typecheck", "type-check", "check-types", "types"),
    first("unit", "test:unit", "test"),
  ].filter((name) => name !== undefined);
  const integration = first("test:integration", "integration", "test:int");
  if (integration === undefined) return plain;
  const options = {
    postgres: prisma?.postgres ?? defaultPostgres,
    ...(integration === "test:integration" ? {} : { script: integration }),
    ...(prisma === null || prisma.url === "DATABASE_URL" ? {} : { variable: prisma.url }),
  };
  return [...plain, { integration: options }];
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
