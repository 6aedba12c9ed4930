import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { schemaChanges, schemasOf } from "../../test/database/review/prisma/changes.ts";
import type { RecordedMigration } from "../../test/database/review/prisma/recorded.ts";
import { wholeSchema } from "../../test/database/review/prisma/schema.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Has Prisma write the migration of each change. @param url of a server on which it may make databases */
export async function writtenByPrisma(url: string): Promise<RecordedMigration[]> {
  const prisma = await prismaAt(url);
  try {
    const created = new Map<string, Promise<string>>();
    return await inTurn(schemaChanges, async (change) => {
      const { before, after } = schemasOf(change);
      if (!created.has(before)) created.set(before, prisma.write(null, before));
      const first = await created.get(before)!;
      return { title: change.title, before, after, created: first, sql: await prisma.write(first, after) };
    });
  } finally {
    await prisma[Symbol.asyncDispose]();
  }
}

interface Prisma extends AsyncDisposable {
  /** The SQL from a database that `earlier` made to one of these models. @param earlier null for an empty database */
  write(earlier: string | null, models: string): Promise<string>;
  /** Generates the client of these models. @returns its entry file */
  generate(models: string): Promise<string>;
}

/** Prisma's commands with its JavaScript engine, in a directory of their own. */
export async function prismaAt(url: string): Promise<Prisma> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-prisma-"));
  await symlink(join(root, "node_modules"), join(directory, "node_modules"));
  await writeFile(join(directory, "package.json"), '{ "type": "module" }');
  let runs = 0;
  const run = async (place: string, ...words: string[]): Promise<string> => {
    // Prisma says of a schema that it cannot read, or an unset address, that a download failed.
    const { stdout } = await execa(join(root, "node_modules/.bin/prisma"), words, {
      cwd: place,
      preferLocal: true,
      localDir: root,
      env: { DATABASE_URL: url, CHECKPOINT_DISABLE: "1" },
    });
    return stdout;
  };
  const prepare = async (models: string): Promise<string> => {
    const place = join(directory, String(++runs));
    await mkdir(place);
    await writeFile(join(place, "schema.prisma"), wholeSchema(models));
    await writeFile(join(place, "prisma.config.ts"), config);
    return place;
  };
  return {
    write: async (earlier, models) => {
      const place = await prepare(models);
      await mkdir(join(place, "migrations", "1_before"), { recursive: true });
      await writeFile(join(place, "migrations", "migration_lock.toml"), 'provider = "postgresql"\n');
      await writeFile(join(place, "migrations", "1_before", "migration.sql"), earlier ?? "");
      const from = earlier === null ? ["--from-empty"] : ["--from-migrations", "migrations"];
      const sql = await run(
        place,
        "migrate",
        "diff",
        ...from,
        "--to-schema-datamodel",
        "schema.prisma",
        "--script",
      );
      return `${sql.trimEnd()}\n`;
    },
    generate: async (models) => {
      const place = await prepare(models);
      await run(place, "generate");
      return join(place, "client", "client.ts");
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

const adapter = join(root, "examples/shop/packages/database/migration-adapter.ts");
const config = `import { defineConfig } from "prisma/config";
import { migrationAdapter } from ${JSON.stringify(adapter)};

export default defineConfig({
  schema: "schema.prisma",
  migrations: { path: "migrations" },
  experimental: { adapter: true },
  engine: "js",
  adapter: async () => migrationAdapter(process.env.DATABASE_URL),
});
`;

/** A few at once, answered in order. */
async function inTurn<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await act(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return results;
}
