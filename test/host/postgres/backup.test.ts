import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyTree, startPostgres, type RunningPostgres } from "../../../src/host/postgres/postgres.ts";

const root = await mkdtemp(join(tmpdir(), "fairway-backup-"));
// Entered by uid 65534, which root runs it as.
await chmod(root, 0o755);
const cacheDirectory = join(root, "cache");
const dataDirectory = join(root, "data");
let server: RunningPostgres;

beforeAll(async () => {
  server = await startPostgres({ dataDirectory, cacheDirectory, database: "app" });
  await query(server, "CREATE TABLE entry (id serial PRIMARY KEY, account int, amount int, filler text)");
}, 180_000);

afterAll(async () => {
  await server.stop();
  await rm(root, { recursive: true, force: true });
});

test("a copy that is made while people write is one state: all that was committed before it ended, and no half transaction", async () => {
  const writing = writeUntilStopped();
  await writing.reached(200);
  const copy = join(root, "under-writes");
  // Checkpoints and full segments in the middle of the copy, as on a busy server.
  const busy = query(server, "CHECKPOINT; SELECT pg_switch_wal(); CHECKPOINT");
  const bytes = await server.backUp(copy);
  const committed = writing.count();
  await busy;
  await writing.stop();
  expect(bytes).toBeGreaterThan(1_000_000);

  await using restored = await startPostgres({ dataDirectory: copy, cacheDirectory, database: "app" });
  const [row] = await query(
    restored,
    "SELECT count(*)::int / 2 AS pairs, sum(amount)::int AS sum, max(id) AS last FROM entry",
  );
  expect(row).toMatchObject({ sum: 0 });
  const { pairs } = row as { pairs: number };
  expect(pairs).toBeGreaterThanOrEqual(200);
  // What was acknowledged before the copy ended is in it; what was written long after is not.
  expect(pairs).toBeLessThanOrEqual(committed + 8);
  const [heap] = await query(
    restored,
    "SELECT count(*)::int AS broken FROM entry WHERE length(filler) <> 2000",
  );
  expect(heap).toEqual({ broken: 0 });
  await query(restored, "INSERT INTO entry (account, amount, filler) VALUES (1, 0, 'x')");
}, 60_000);

test("a copy that fails has ended when it says so: whoever removes what there is of it is not overtaken", async () => {
  const from = join(root, "large");
  const to = join(root, "large-copy");
  await mkdir(from);
  await writeFile(join(from, "0"), "");
  for (let file = 1; file < 16; file += 1)
    await writeFile(join(from, String(file)), Buffer.alloc(16_000_000));
  // In the way of the first file, which fails at once.
  await mkdir(join(to, "0"), { recursive: true });
  await expect(copyTree(from, to)).rejects.toMatchObject({ code: "EISDIR" });
  const sizes = () =>
    Promise.all(
      Array.from({ length: 16 }, async (_, file) => stat(join(to, String(file))).catch(() => null)),
    );
  const atOnce = (await sizes()).map((found) => found?.mtimeMs);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect((await sizes()).map((found) => found?.mtimeMs)).toEqual(atOnce);
});

test("the server goes on as before: no slot is left, and no label in its directory", async () => {
  await server.backUp(join(root, "traceless"));
  expect(await query(server, "SELECT slot_name FROM pg_replication_slots")).toEqual([]);
  expect(await readdir(dataDirectory)).not.toContain("backup_label");
});

test("the copy is for its owner alone, and takes nothing that belongs to the running server", async () => {
  const copy = join(root, "private");
  await server.backUp(copy);
  expect((await stat(copy)).mode & 0o077).toBe(0);
  const names = await readdir(copy);
  expect(names).toContain("backup_label");
  expect(names).not.toContain("postmaster.pid");
  expect(await readdir(join(copy, "pg_replslot"))).toEqual([]);
  expect(await readFile(join(copy, "backup_label"), "utf8")).toContain("LABEL: fairway");
});

test("a copy ends when it is told to", async () => {
  const reason = new Error("enough");
  await expect(server.backUp(join(root, "aborted"), AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(await query(server, "SELECT slot_name FROM pg_replication_slots")).toEqual([]);
});

test("a tablespace outside of the directory is refused by name, before anything is copied", async () => {
  const place = join(root, "tablespace");
  await mkdir(place);
  await symlink(place, join(dataDirectory, "pg_tblspc", "4711"));
  const refused = join(root, "refused");
  try {
    await expect(server.backUp(refused)).rejects.toMatchObject({ code: "BACKUP_UNSUPPORTED" });
  } finally {
    await rm(join(dataDirectory, "pg_tblspc", "4711"));
  }
  await expect(stat(refused)).rejects.toThrow("ENOENT");
});

test("a disk without the space is told before it is filled, with what is free", async ({ skip }) => {
  if (process.getuid?.() !== 0) skip("only root may mount a small disk");
  const small = join(root, "small");
  await mkdir(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=80m", "tmpfs", small]);
  try {
    const refusal = server.backUp(join(small, "copy"));
    await expect(refusal).rejects.toMatchObject({ code: "DISK_FULL", exitCode: 1 });
    await expect(refusal).rejects.toThrow(/MB are to be copied, 8\d MB are free/);
    expect(await readdir(small)).toEqual([]);
  } finally {
    execFileSync("umount", [small]);
  }
});

test("a folder that is skipped is copied with nothing in it or below it", async () => {
  const from = join(root, "tree");
  await mkdir(join(from, "kept/inner"), { recursive: true });
  await mkdir(join(from, "gone/inner"), { recursive: true });
  const to = join(root, "tree-copy");
  await copyTree(from, to, { skips: (path) => path === "gone/" });
  expect((await readdir(to, { recursive: true })).sort()).toEqual(["kept", "kept/inner"]);
});

async function query(on: RunningPostgres, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: on.url("app") });
  await client.connect();
  try {
    const result = (await client.query(text)) as pg.QueryResult | pg.QueryResult[];
    return Array.isArray(result) ? [] : (result.rows as unknown[]);
  } finally {
    await client.end();
  }
}

/** Four writers, each of whose transactions is a pair that sums up to nothing. */
function writeUntilStopped() {
  let stopped = false;
  let done = 0;
  const writer = async (account: number) => {
    const client = new pg.Client({ connectionString: server.url("app") });
    await client.connect();
    while (!stopped) {
      await client.query("BEGIN");
      for (const amount of [account, -account]) {
        await client.query("INSERT INTO entry (account, amount, filler) VALUES ($1, $2, $3)", [
          account,
          amount,
          "x".repeat(2000),
        ]);
      }
      await client.query("COMMIT");
      done += 1;
    }
    await client.end();
  };
  const writers = Promise.all([1, 2, 3, 4].map(writer));
  return {
    count: () => done,
    reached: async (count: number) => {
      while (done < count) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    stop: async () => {
      stopped = true;
      await writers;
    },
  };
}
