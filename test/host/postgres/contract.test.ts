import { cp, chmod, mkdtemp, rm, symlink, writeFile, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";
import { startPostgres } from "../../../src/host/postgres/postgres.ts";

/** What steps and environments need of PostgreSQL 18, and get from the embedded one as from the official image. */
const wishes = { user: "shop", password: `it's a "p@ss"/word:%`, database: "shop-1" };

interface Server {
  readonly url: string;
  stop(): Promise<unknown>;
}

const repository = join(import.meta.dirname, "../../..");
const root = await mkdtemp(join(tmpdir(), "fairway-postgres-contract-"));
// Entered by uid 65534, which root runs it as.
await chmod(root, 0o755);
afterAll(() => rm(root, { recursive: true, force: true }));

describe.each([
  { who: "the embedded PostgreSQL", start: embedded },
  { who: "the official image", start: officialImage },
])("$who", ({ who, start }) => {
  const project = join(root, who.replaceAll(" ", "-"));
  let server: Server | string;

  beforeAll(async () => {
    await copyOfTheShopsDatabase(project);
    server = await start();
  }, 180_000);

  afterAll(async () => {
    if (typeof server === "object") await server.stop();
  });

  const urlIn = (context: TestContext): string =>
    typeof server === "string" ? context.skip(server) : server.url;

  test("has the role, the password and the database that were asked for", async (context) => {
    const url = urlIn(context);
    expect(
      await query(
        url,
        `SELECT current_user::text AS role, current_database()::text AS database, rolsuper AS superuser,
                current_setting('server_version_num')::int / 10000 AS major,
                current_setting('server_encoding') AS encoding, current_setting('TimeZone') AS zone
         FROM pg_roles WHERE rolname = current_user`,
      ),
    ).toEqual([
      {
        role: "shop",
        database: "shop-1",
        superuser: true,
        major: 18,
        encoding: "UTF8",
        zone: expect.stringMatching(/UTC$/),
      },
    ]);
    const wrong = url.replace(encodeURIComponent(wishes.password), "wrong");
    await expect(query(wrong, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
  });

  test("takes the shop's migrations once", async (context) => {
    const url = urlIn(context);
    const first = await prisma(project, url, "migrate", "deploy");
    expect(first.stdout, first.stderr).toContain("successfully applied");
    const again = await prisma(project, url, "migrate", "deploy");
    expect(again.stdout, again.stderr).toContain("No pending migrations");
    expect(await query(url, `SELECT count(*)::int > 0 AS filled FROM "Product"`)).toEqual([{ filled: true }]);
  });

  test("tells a schema that the migrations make from one that they do not", async (context) => {
    const url = urlIn(context);
    const same = await drift(project, url);
    expect(same.exitCode, same.stderr).toBe(0);
    const schema = join(project, "prisma/schema.prisma");
    await writeFile(schema, `${await readFile(schema, "utf8")}\nmodel Forgotten {\n  id Int @id\n}\n`);
    const other = await drift(project, url);
    expect(other.exitCode, other.stderr).toBe(2);
    expect(other.stdout).toContain('CREATE TABLE "Forgotten"');
  });
});

async function embedded(): Promise<Server> {
  const server = await startPostgres({
    ...wishes,
    dataDirectory: join(root, "data"),
    cacheDirectory: join(root, "cache"),
    major: "18",
    template: true,
  });
  return { url: server.url(), stop: () => server.stop() };
}

/** The reason to skip where no Docker answers. */
async function officialImage(): Promise<Server | string> {
  const docker = await execa("docker", ["info"], { reject: false, timeout: 10_000 });
  if (docker.failed) return "no Docker answers on this machine";
  const { GenericContainer, Wait } = await import("testcontainers");
  const { user, password, database } = wishes;
  const container = await new GenericContainer("postgres:18")
    .withEnvironment({ POSTGRES_USER: user, POSTGRES_PASSWORD: password, POSTGRES_DB: database })
    .withExposedPorts(5432)
    // The first time is that of the server that sets it up.
    .withWaitStrategy(Wait.forLogMessage("database system is ready to accept connections", 2))
    .start();
  const address = `${container.getHost()}:${String(container.getMappedPort(5432))}`;
  const url = `postgresql://${user}:${encodeURIComponent(password)}@${address}/${database}`;
  return { url, stop: () => container.stop() };
}

/** With Fairway's own Prisma, whose adapter is that of the shop. */
async function copyOfTheShopsDatabase(project: string): Promise<void> {
  const filter = (path: string) => !path.includes("node_modules");
  await cp(join(repository, "examples/shop/packages/database"), project, { recursive: true, filter });
  await symlink(join(repository, "node_modules"), join(project, "node_modules"));
}

function drift(project: string, url: string) {
  const sides = ["--from-migrations", "prisma/migrations", "--to-schema-datamodel", "prisma/schema.prisma"];
  return prisma(project, url, "migrate", "diff", ...sides, "--script", "--exit-code");
}

function prisma(project: string, url: string, ...words: readonly string[]) {
  const env = { DATABASE_URL: url, CHECKPOINT_DISABLE: "1", PRISMA_HIDE_UPDATE_MESSAGE: "1" };
  const program = join(repository, "node_modules/prisma/build/index.js");
  return execa(process.execPath, [program, ...words], { cwd: project, env, reject: false });
}

async function query(connectionString: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(text)).rows as unknown[];
  } finally {
    await client.end();
  }
}
