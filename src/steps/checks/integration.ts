import { posix } from "node:path";
import type { DatabaseConfig } from "../../config/config.ts";
import { postgresService } from "../services/postgres.ts";
import { prismaLayout, workspace } from "../toolchains/toolchains.ts";
import type { Check } from "./check.ts";
import { taskAnswer } from "./task-answer.ts";

export interface IntegrationOptions {
  readonly name: string;
  /** Version of PostgreSQL. */
  readonly postgres: string;
  readonly script: string;
  /** The variable in which the script finds the database. */
  readonly variable: string;
  readonly database: DatabaseConfig;
}

/** A script of the root package.json, run with a PostgreSQL database of its own that has all migrations. */
export function integrationCheck({ name, postgres, script, variable, database }: IntegrationOptions): Check {
  return {
    name,
    scripts: [script],
    run: (context) =>
      taskAnswer(context, script, async (argv) => {
        const { dag, source, project, progress } = context;
        const layout = await prismaLayout(source, database);
        const installed = await project.installed(progress);
        const server = postgresService(dag, { version: postgres, images: project.images, purpose: name });
        const migrate = project.manager.exec(["prisma", "migrate", "deploy", "--schema", layout.schema]);
        return installed
          .withServiceBinding(server.alias, server.service)
          .withEnvVariable(variable, server.url)
          .withEnvVariable(database.prisma.url, server.url)
          .withEnvVariable("PRISMA_DIRECTORY", posix.join(workspace, layout.directory))
          .withExec(migrateThenRun(migrate, argv));
      }),
  };
}

/** One step, as the server is a new one, without tables, for each step that finds no other using it. */
function migrateThenRun(migrate: readonly string[], test: readonly string[]): string[] {
  return ["node", "-e", inOrder, JSON.stringify({ migrate, test })];
}

/** Runs in the step: argument vectors in, no shell between. */
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
