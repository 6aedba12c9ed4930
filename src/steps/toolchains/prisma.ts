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
  const beside = posix.join(isFile ? posix.dirname(schemaPath) : schemaPath, "migrations");
  const settings = await prismaConfig(source, directory);
  const migrationsPath = configuredMigrations(settings, directory) ?? beside;
  return {
    directory,
    schema: posix.relative(directory, schemaPath),
    schemaPath,
    migrations: posix.relative(directory, migrationsPath),
    migrationsPath,
    javascriptEngine: /\bengine\s*:\s*["'`]js["'`]/.test(settings?.text ?? ""),
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

interface PrismaConfig {
  readonly path: string;
  readonly text: string;
}

/** Undefined where the package has none. It is a program: what Fairway has to know of it is read from its text. */
async function prismaConfig(source: Directory, directory: string): Promise<PrismaConfig | undefined> {
  const entries = await source.directory(directory).entries();
  const name = entries.find((entry) => /^prisma\.config\.[cm]?[jt]s$/.test(entry));
  if (name === undefined) return undefined;
  const path = posix.join(directory, name);
  return { path, text: await source.file(path).contents() };
}

/**
 * Where prisma.config has the migrations; undefined where it says nothing.
 * @throws FairwayError MIGRATIONS_PATH_UNKNOWN (exit 2) for a path that is not spelled out: other migrations than Prisma's must not
 * be reviewed in their place
 */
function configuredMigrations(settings: PrismaConfig | undefined, directory: string): string | undefined {
  const text = withoutComments(settings?.text ?? "");
  const start = /\bmigrations\s*[:,}]/.exec(text)?.index;
  if (start === undefined) return undefined;
  const block = blockAt(text, start);
  if (block !== undefined && !/\bpath\b/.test(block)) return undefined;
  const [, , path] = /\bpath\s*:\s*(["'`])([^"'`$]+)\1/.exec(block ?? "") ?? [];
  if (path !== undefined) return posix.normalize(posix.join(directory, path));
  throw usageError("where Prisma's migrations are cannot be read from its config", {
    code: "MIGRATIONS_PATH_UNKNOWN",
    place: `${settings?.path ?? ""} migrations.path`,
    remedy: 'Spell it out there: migrations: { path: "prisma/migrations" }',
  });
}

/** What stands between the braces after `migrations:`; undefined where that is another expression. */
function blockAt(text: string, start: number): string | undefined {
  const opening = /^migrations\s*:\s*\{/.exec(text.slice(start))?.[0];
  if (opening === undefined) return undefined;
  let depth = 1;
  for (let at = start + opening.length; at < text.length; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}") depth--;
    if (depth === 0) return text.slice(start + opening.length, at);
  }
  return undefined;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\/|(^|[^:])\/\/[^\n]*/g, "$1");
}
