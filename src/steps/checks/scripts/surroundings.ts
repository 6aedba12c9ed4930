import { posix } from "node:path";
import type { Container } from "@dagger.io/dagger";
import type { DatabaseConfig } from "../../../config/config.ts";
import { postgresService, redisService } from "../../services/services.ts";
import { prismaLayout, workspace } from "../../toolchains/toolchains.ts";
import type { CheckContext } from "../check.ts";

/** What a script finds beside the repository. */
export interface Surroundings {
  readonly browser: boolean;
  readonly postgres: {
    readonly version: string;
    /** In which the script finds the database. */
    readonly variable: string;
  } | null;
  /** Its version. */
  readonly redis: string | null;
}

export interface Surrounded {
  readonly container: Container;
  /** What is run for a command: with a database its migrations come first. */
  readonly command: (argv: readonly string[]) => readonly string[];
}

/** True for a script that needs nothing but the repository. */
export function isAlone({ browser, postgres, redis }: Record<keyof Surroundings, unknown>): boolean {
  return browser === false && postgres === null && redis === null;
}

/** The installed repository with all of it, for the check of this name alone. */
export async function surrounded(
  context: CheckContext,
  name: string,
  { browser, postgres, redis }: Surroundings,
): Promise<Surrounded> {
  const { dag, project, progress } = context;
  const installed = await (browser ? project.installedWithBrowser(progress) : project.installed(progress));
  const withCache = redis === null ? installed : withRedis(installed, context, name, redis);
  if (postgres === null) return { container: withCache, command: (argv) => argv };
  const server = postgresService(dag, { version: postgres.version, images: project.images, purpose: name });
  const container = withCache
    .withServiceBinding(server.alias, server.service)
    .withEnvVariable(postgres.variable, server.url);
  const { database } = project.config;
  if (database === null) return { container, command: (argv) => argv };
  return withMigrations(container.withEnvVariable(database.prisma.url, server.url), context, database);
}

function withRedis(installed: Container, { dag, project }: CheckContext, purpose: string, version: string) {
  const { alias, service, url } = redisService(dag, { version, images: project.images, purpose });
  return installed.withServiceBinding(alias, service).withEnvVariable("REDIS_URL", url);
}

async function withMigrations(
  container: Container,
  { source, project }: CheckContext,
  database: DatabaseConfig,
): Promise<Surrounded> {
  const layout = await prismaLayout(source, database);
  const migrate = project.manager.exec(["prisma", "migrate", "deploy", "--schema", layout.schema]);
  return {
    container: container.withEnvVariable("PRISMA_DIRECTORY", posix.join(workspace, layout.directory)),
    command: (test) => ["node", "-e", inOrder, JSON.stringify({ migrate, test })],
  };
}

/** Runs in the step: argument vectors in, no shell between. One step, as the server is a new one, without tables, for each step that finds no other using it. */
const inOrder = `
// migrate a database of its own, then run the tests
const { spawnSync } = require("node:child_process");
const { migrate, test } = JSON.parse(process.argv[1]);
const run = ([program, ...rest], cwd) => {
  const { status, signal, error } = spawnSync(program, rest, { stdio: "inherit", cwd });
  if (error) console.error(String(error));
  if (status !== 0) process.exit(status ?? 1);
};
run(migrate, process.env.PRISMA_DIRECTORY);
run(test);
`;
