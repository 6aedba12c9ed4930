import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Directory } from "@dagger.io/dagger";
import { usageError } from "../model/errors.ts";
import { type MigrationFile, migrationFile } from "./migrations.ts";

/** Where a migration stands; its path is relative to the directory that was searched. */
export type MigrationPath = Pick<MigrationFile, "name" | "path">;

/**
 * Reads the migrations of a directory of this machine, oldest first: folders with a migration.sql (Prisma), or .sql files
 * that are ordered by the numbers in their names (Drizzle, Knex, plain). What takes them back (`down.sql`, `*.down.sql`) is left out.
 * @param directory one that holds them, or that has one such directory somewhere below
 * @throws FairwayError MIGRATIONS_AMBIGUOUS (exit 2) where several directories below hold some
 */
export async function readMigrationFiles(directory: string): Promise<MigrationFile[]> {
  const found = migrationsAmong(await pathsBelow(directory, ""));
  return Promise.all(
    found.map(async ({ name, path }) =>
      migrationFile(name, path, await readFile(join(directory, path), "utf8")),
    ),
  );
}

/** The same for a directory of an engine. */
export async function readSqlMigrations(source: Directory): Promise<MigrationFile[]> {
  const found = migrationsAmong(await source.glob("**/*.sql"));
  return Promise.all(
    found.map(async ({ name, path }) => migrationFile(name, path, await source.file(path).contents())),
  );
}

/** @throws FairwayError MIGRATIONS_AMBIGUOUS (exit 2) */
function migrationsAmong(paths: readonly string[]): MigrationPath[] {
  const sql = paths.map((path) => posix.normalize(path)).filter(isMigration);
  const folders = new Set(sql.filter(isFolders).map((path) => posix.dirname(path)));
  const roots = new Map<string, string[]>();
  for (const path of sql) {
    // Beside a migration.sql, other files are its folder's own affair.
    if (!isFolders(path) && folders.has(posix.dirname(path))) continue;
    const root = isFolders(path) ? posix.dirname(posix.dirname(path)) : posix.dirname(path);
    roots.set(root, [...(roots.get(root) ?? []), path]);
  }
  const here = roots.get(".") ?? (roots.size === 1 ? [...roots.values()][0] : undefined);
  if (here === undefined && roots.size > 1) throw ambiguous([...roots.keys()]);
  return ordered(here ?? []);
}

/** Prisma goes by the letters of its folders, and sees nothing else; all others number their files. */
function ordered(paths: readonly string[]): MigrationPath[] {
  const inFolders = paths.filter(isFolders);
  const chosen = inFolders.length > 0 ? inFolders : paths;
  const before = inFolders.length > 0 ? byLetters : byNumbers;
  return chosen.map((path) => ({ name: nameOf(path), path })).sort((a, b) => before(a.name, b.name));
}

function isMigration(path: string): boolean {
  const hidden = path.split("/").some((part) => part === "node_modules" || /^\.[^/.]/.test(part));
  return /\.sql$/i.test(path) && !/(^|[/.])down\.sql$/i.test(path) && !hidden;
}

/** Prisma's layout, and that of Drizzle's newer versions: a folder for each. */
function isFolders(path: string): boolean {
  return path.includes("/") && posix.basename(path) === "migration.sql";
}

function nameOf(path: string): string {
  return isFolders(path)
    ? posix.basename(posix.dirname(path))
    : posix.basename(path).replace(/(\.up)?\.sql$/i, "");
}

/** By the numbers in the names, then by the letters: `2_b` before `10_a`. */
function byNumbers(left: string, right: string): number {
  const [a, b] = [partsOf(left), partsOf(right)];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [one = "", other = ""] = [a[at], b[at]];
    const isNumbers = /^\d/.test(one) && /^\d/.test(other);
    const [low, high] = isNumbers ? [BigInt(one), BigInt(other)] : [one, other];
    if (low !== high) return low < high ? -1 : 1;
  }
  return byLetters(left, right);
}

function byLetters(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function partsOf(name: string): readonly string[] {
  return name.match(/\d+|\D+/g) ?? [];
}

async function pathsBelow(directory: string, below: string): Promise<string[]> {
  const entries = await readdir(join(directory, below), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = posix.join(below, entry.name);
      if (entry.isFile()) return [path];
      const isSearched = entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith(".");
      return isSearched ? pathsBelow(directory, path) : [];
    }),
  );
  return found.flat();
}

function ambiguous(roots: readonly string[]): Error {
  const names = [...roots].sort();
  return usageError(`${String(names.length)} directories hold migrations`, {
    code: "MIGRATIONS_AMBIGUOUS",
    place: "--source",
    output: names.join("\n"),
    remedy: `Name one of them:\nfairway migrations --source ${names[0] ?? ""}`,
  });
}
