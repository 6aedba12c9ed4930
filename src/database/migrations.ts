import { posix } from "node:path";
import { createHash } from "node:crypto";
import type { Directory } from "@dagger.io/dagger";
import type { PrismaLayout } from "../steps/steps.ts";

/** One migration as it stands in the repository. */
export interface MigrationFile {
  /** The name of its folder: `20261103120000_add_orders`. */
  readonly name: string;
  /** The path of its SQL, relative to the repository's root. */
  readonly path: string;
  readonly sql: string;
  /** SHA-256 of the SQL in hexadecimal, as Prisma records it when it applies the migration. */
  readonly checksum: string;
}

/** All migrations of a repository, oldest first. */
export async function readMigrations(source: Directory, layout: PrismaLayout): Promise<MigrationFile[]> {
  const paths = await source.glob(`${layout.migrationsPath}/*/migration.sql`);
  const files = await Promise.all(
    paths.map(async (path) =>
      migrationFile(posix.basename(posix.dirname(path)), path, await source.file(path).contents()),
    ),
  );
  return files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export function migrationFile(name: string, path: string, sql: string): MigrationFile {
  return { name, path, sql, checksum: createHash("sha256").update(sql).digest("hex") };
}
