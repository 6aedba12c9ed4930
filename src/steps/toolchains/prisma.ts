import { posix } from "node:path";
import type { Directory } from "@dagger.io/dagger";
import type { DatabaseConfig } from "../../config/config.ts";
import { usageError } from "../../model/errors.ts";

/** Where a repository keeps Prisma, and how to call it there. Paths are relative to the repository's root. */
export interface PrismaLayout {
  /** The directory that prisma is run in. */
  readonly directory: string;
  /** The schema as prisma is told it, relative to `directory`. */
  readonly schema: string;
  readonly schemaPath: string;
  /** The migrations as prisma is told them, relative to `directory`. */
  readonly migrations: string;
  readonly migrationsPath: string;
  /** True when prisma.config says engine "js", which makes its shadow database by itself. */
  readonly javascriptEngine: boolean;
}

/** @throws FairwayError (exit 2) when the schema that the config names is not there. */
export async function prismaLayout(
  source: Directory,
  { prisma, package: configured }: DatabaseConfig,
): Promise<PrismaLayout> {
  const schemaPath = posix.normalize(prisma.schema);
  if (!(await source.exists(schemaPath))) {
    throw usageError(`the Prisma schema ${schemaPath} does not exist`, {
      code: "SCHEMA_MISSING",
      place: "fairway.yaml database.prisma.schema",
    });
  }
  const directory =
    configured === null ? await nearestPackage(source, schemaPath) : posix.normalize(configured);
  // A schema of several files is a directory, and has them in it.
  const isFile = schemaPath.endsWith(".prisma");
  const migrationsPath = posix.join(isFile ? posix.dirname(schemaPath) : schemaPath, "migrations");
  return {
    directory,
    schema: posix.relative(directory, schemaPath),
    schemaPath,
    migrations: posix.relative(directory, migrationsPath),
    migrationsPath,
    javascriptEngine: await usesJavascriptEngine(source, directory),
  };
}

async function nearestPackage(source: Directory, schemaPath: string): Promise<string> {
  let directory = posix.dirname(schemaPath);
  while (directory !== ".") {
    if (await source.exists(posix.join(directory, "package.json"))) return directory;
    directory = posix.dirname(directory);
  }
  return ".";
}

async function usesJavascriptEngine(source: Directory, directory: string): Promise<boolean> {
  const entries = await source.directory(directory).entries();
  const name = entries.find((entry) => /^prisma\.config\.[cm]?[jt]s$/.test(entry));
  if (name === undefined) return false;
  const text = await source.file(posix.join(directory, name)).contents();
  return /\bengine\s*:\s*["'`]js["'`]/.test(text);
}
