import { posix } from "node:path";
import type { Container, Secret } from "@dagger.io/dagger";
import { type ServiceConfig, serviceSettings } from "../../config/config.ts";
import { exitCodes, FairwayError, usageError } from "../../model/errors.ts";
import type { Progress } from "../../model/progress.ts";
import type { Project } from "../project.ts";
import { lastLines, outputOf, stepFailure } from "../step-failure.ts";
import { type DockerfileVariables, dockerfileVariables } from "./dockerfile-variables.ts";
import { workspace } from "../toolchains/toolchains.ts";

export interface EnvironmentCheckOptions {
  readonly environment: string;
  /** Values of --secrets by name; only those that the config lists for a service are used. */
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Where the environment's database is, once that is known; until then a URL of the right form is checked. */
  readonly databaseUrl?: Secret | undefined;
  /** Makes the step run again: secrets may have other values than last time. */
  readonly operationId: string;
}

/** One variable that is not as the service's schema wants it. */
interface Complaint {
  readonly service: string;
  readonly variable: string;
  readonly message: string;
  readonly place: string;
  readonly remedy: string;
}

/**
 * Checks what each service would be given in an environment with the service's own schema, run as a step; and that
 * each secret that the config lists has a value.
 * @throws one FairwayError (ENVIRONMENT_INVALID, exit 2) with every variable that is missing or wrong, by name.
 */
export async function checkEnvironment(
  project: Project,
  options: EnvironmentCheckOptions,
  progress: Progress,
): Promise<void> {
  const services = Object.keys(project.config.services);
  const complaints = (
    await Promise.all(services.map((service) => complaintsOf(project, service, options, progress)))
  ).flat();
  if (complaints.length === 0) return;
  const { environment } = options;
  throw new FairwayError(
    `the variables of environment ${environment} are not what ${listOf(complaints.map(({ service }) => service))} can start with`,
    {
      code: "ENVIRONMENT_INVALID",
      exitCode: exitCodes.usage,
      place: listOf(complaints.map(({ place }) => place)),
      output: complaints
        .map(({ service, variable, message }) => `${service}: ${variable} ${message}`)
        .join("\n"),
      remedy: [...new Set(complaints.map(({ remedy }) => remedy))].join("\n"),
    },
  );
}

async function complaintsOf(
  project: Project,
  service: string,
  options: EnvironmentCheckOptions,
  progress: Progress,
): Promise<Complaint[]> {
  const { config } = project;
  const definition = config.services[service];
  if (definition === undefined) throw new Error(`there is no service ${service}`);
  const { envSchema } = definition;
  const settings = serviceSettings(config, options.environment, service);
  const absent = settings.secretNames.filter((name) => !Object.hasOwn(options.secrets, name));
  const complaints = absent.map((variable) => ({
    service,
    variable,
    message: "has no value: it is listed under secrets and is not in --secrets",
    place: `fairway.yaml environments.${options.environment}`,
    remedy: `Put a line ${variable}=... into the file that --secrets names (--secrets file:.env.${options.environment}).`,
  }));
  if (envSchema === null) return complaints;
  const image = await imageVariables(project, definition);
  const plain: Record<string, string> = {
    HOST: "127.0.0.1",
    FAIRWAY_ENVIRONMENT: options.environment,
    FAIRWAY_SERVICE: service,
    FAIRWAY_VERSION: "0000000",
    ...image.values,
    ...filledIn(settings.variables, config),
    PORT: String(definition.port),
  };
  const secret = Object.fromEntries(
    settings.secretNames.flatMap((name) =>
      options.secrets[name] === undefined ? [] : [[name, options.secrets[name]]],
    ),
  );
  if (config.database !== null) {
    const { url } = config.database.prisma;
    if (options.databaseUrl === undefined) plain[url] = "postgresql://user:password@127.0.0.1:5432/app";
    else secret[url] = options.databaseUrl;
  }
  const answer = await progress.task(`environment of ${service}`, (task) =>
    askSchema(project, task, { envSchema, plain, secret, operationId: options.operationId }),
  );
  return [
    ...complaints,
    ...answer
      .filter(({ variable }) => !absent.includes(variable) && !image.unknown.includes(variable))
      .map(({ variable, message }) => ({
        service,
        variable,
        message: variable in plain || variable in secret ? message : `is missing: ${message}`,
        place: envSchema,
        remedy: remedyFor(variable, options.environment, service, { isSecret: variable in secret }),
      })),
  ];
}

/** What the service's own image sets; a Dockerfile that is not there is told by the build. */
async function imageVariables(
  { source }: Project,
  { dockerfile }: ServiceConfig,
): Promise<DockerfileVariables> {
  if (!(await source.exists(dockerfile))) return { values: {}, unknown: [] };
  return dockerfileVariables(await source.file(dockerfile).contents());
}

interface SchemaQuestion {
  readonly envSchema: string;
  readonly plain: Readonly<Record<string, string>>;
  readonly secret: Readonly<Record<string, Secret>>;
  readonly operationId: string;
}

const answerFile = "/tmp/fairway-environment.json";

async function askSchema(
  project: Project,
  progress: Progress,
  { envSchema, plain, secret, operationId }: SchemaQuestion,
): Promise<{ variable: string; message: string }[]> {
  const names = JSON.stringify([...Object.keys(plain), ...Object.keys(secret)]);
  let step: Container = (await project.installed(progress)).withEnvVariable("FAIRWAY_OPERATION", operationId);
  for (const [name, value] of Object.entries(plain)) step = step.withEnvVariable(name, value);
  for (const [name, value] of Object.entries(secret)) step = step.withSecretVariable(name, value);
  const file = posix.join(workspace, envSchema);
  try {
    const text = await step
      .withExec([...project.manager.node, "--input-type=module", "-e", ask, "--", file, names, answerFile])
      .file(answerFile)
      .contents();
    return JSON.parse(text) as { variable: string; message: string }[];
  } catch (error) {
    const failed = stepFailure(error);
    if (failed === undefined) throw error;
    throw usageError(`the schema of the environment in ${envSchema} could not be asked`, {
      code: "ENVIRONMENT_SCHEMA_UNREADABLE",
      place: envSchema,
      output: lastLines(outputOf(failed), 30),
      remedy:
        "It must be a module that Node can import as it is, and export a zod schema named environmentSchema or schema, " +
        "or as default, without reading process.env.",
      cause: error,
    });
  }
}

/** Runs in the step. Values never leave it: they are cut out of the messages that a schema of the team's may make. */
const ask = `
// ask the schema of the environment
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const [file, names, answerFile] = process.argv.slice(1).filter((text) => text !== "--");
const given = Object.fromEntries(JSON.parse(names).map((name) => [name, process.env[name]]));
const clean = (text) => Object.values(given).filter((value) => value !== undefined && value.length > 2)
  .sort((a, b) => b.length - a.length).reduce((rest, value) => rest.replaceAll(value, "***"), String(text));
const answer = (issues) => {
  const complaints = issues.map(({ path = [], message }) => {
    const [first] = path;
    const key = first !== null && typeof first === "object" ? first.key : first;
    return { variable: key === undefined ? "(all)" : String(key), message: clean(message) };
  });
  writeFileSync(answerFile, JSON.stringify(complaints));
};
let module;
try {
  module = await import(pathToFileURL(file).href);
} catch (error) {
  if (!Array.isArray(error?.issues)) {
    console.error(clean(error?.stack ?? error));
    process.exit(1);
  }
  answer(error.issues);
  process.exit(0);
}
const schema = [module.environmentSchema, module.schema, module.default]
  .find((value) => value && (typeof value.safeParse === "function" || value["~standard"]));
if (schema === undefined) {
  console.error("no schema among the exports: " + Object.keys(module).join(", "));
  process.exit(1);
}
const result = schema["~standard"] ? await schema["~standard"].validate(given) : schema.safeParse(given);
answer(result.issues ?? result.error?.issues ?? []);
process.exit(0);
`;

function remedyFor(
  variable: string,
  environment: string,
  service: string,
  { isSecret }: { isSecret: boolean },
): string {
  if (isSecret) return `Correct ${variable} in the file that --secrets names.`;
  return (
    `Set ${variable} in fairway.yaml under environments.${environment}.services.${service}.variables; or, when it is secret, ` +
    `list it under environments.${environment}.secrets and give its value in --secrets.`
  );
}

/** Addresses of other services are known only when they run: here an address of the right form stands for them. */
function filledIn(
  variables: Readonly<Record<string, string>>,
  config: Project["config"],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      value.replace(/\$\{services\.([^.}]+)\.url\}/g, (whole, other: string) =>
        config.services[other] === undefined
          ? whole
          : `http://127.0.0.1:${String(config.services[other].port)}`,
      ),
    ]),
  );
}

function listOf(names: readonly string[]): string {
  return [...new Set(names)].join(", ");
}
