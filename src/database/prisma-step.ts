import { posix } from "node:path";
import type { Container } from "@dagger.io/dagger";
import type { DatabaseConfig } from "../config/config.ts";
import type { Progress } from "../model/progress.ts";
import {
  type EphemeralServer,
  postgresService,
  prismaLayout,
  type PrismaLayout,
  type Project,
  workspace,
} from "../steps/steps.ts";

/** Prisma in the repository that it belongs to. */
export interface PrismaStep {
  readonly layout: PrismaLayout;
  readonly database: DatabaseConfig;
  /** The installed workspace, in the directory that prisma is run in. */
  readonly container: Container;
  /** `prisma` with these arguments, through the repository's package manager. */
  readonly command: (...words: readonly string[]) => string[];
}

export async function prismaStep(project: Project, progress: Progress): Promise<PrismaStep> {
  const { database } = project.config;
  if (database === null) throw new Error("the config has no database");
  const layout = await prismaLayout(project.source, database);
  const installed = await project.installed(progress);
  return {
    layout,
    database,
    container: installed.withWorkdir(posix.join(workspace, layout.directory)),
    command: (...words) => [...project.manager.exec(["prisma", ...words])],
  };
}

/** The same with a PostgreSQL server of its own, which ends with the step. */
export function withEphemeralDatabase(
  project: Project,
  step: PrismaStep,
  purpose: string,
): { server: EphemeralServer; container: Container } {
  const version = step.database.prisma.postgres;
  const server = postgresService(project.client, { version, images: project.images, purpose });
  const container = step.container
    .withServiceBinding(server.alias, server.service)
    .withEnvVariable(step.database.prisma.url, server.url);
  return { server, container };
}
