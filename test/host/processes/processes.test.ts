import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  endedWithin,
  ensureDaemon,
  findDaemon,
  freePort,
  freePortFrom,
  identityOf,
  isAlive,
  listeningPorts,
  markedProcesses,
  ownIdentity,
  stopProcess,
  takeLock,
  writeJsonFile,
} from "../../../src/host/processes/processes.ts";

const root = await mkdtemp(join(tmpdir(), "fairway-processes-"));
afterAll(() => rm(root, { recursive: true, force: true }));

test("a process is recognised, and another one with its number is not", async () => {
  const child = spawn("sleep", ["60"]);
  const identity = identityOf(child.pid ?? 0);
  if (identity === undefined) throw new Error("the process does not run");
  expect(isAlive(identity)).toBe(true);
  expect(isAlive({ ...identity, startedAt: ownIdentity().startedAt })).toBe(false);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isAlive(identity)).toBe(false);
});

test("a process that ignores the signal is ended after the grace", async () => {
  const child = spawn("sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(child.stdout, "data");
  const identity = identityOf(child.pid ?? 0);
  if (identity === undefined) throw new Error("the process does not run");
  await stopProcess(identity, { graceMs: 100 });
  expect(child.signalCode ?? ((await once(child, "exit")) as unknown[])[1]).toBe("SIGKILL");
  await stopProcess(identity, { graceMs: 100 });
});

test("a process and what it started are found by their mark", async (context) => {
  if (process.platform !== "linux") return context.skip("environments of processes are read from /proc");
  const value = `${String(process.pid)}/marked`;
  const child = spawn("sh", ["-c", "sleep 60 & echo $!; wait"], {
    env: { PATH: process.env["PATH"], FAIRWAY_MARK: value },
  });
  const [grandchild] = (await once(child.stdout, "data")) as [Buffer];
  const found = markedProcesses("FAIRWAY_MARK", (candidate) => candidate === value);
  expect([...found].sort()).toEqual([child.pid, Number(grandchild)].sort());
  for (const pid of found) process.kill(pid, "SIGKILL");
});

test("a daemon is found again, and there is one for a directory", async () => {
  const options = daemonOptions("one");
  const [first, second, third] = await Promise.all([
    ensureDaemon(options),
    ensureDaemon(options),
    ensureDaemon(options),
  ]);
  expect(second.pid).toBe(first.pid);
  expect(third.pid).toBe(first.pid);
  expect(first.announcement).toEqual({ greeting: "hello" });
  expect(await findDaemon(options.stateDirectory)).toEqual(first);
  expect((await stat(options.logFile)).mode & 0o777).toBe(0o600);

  process.kill(first.pid, "SIGKILL");
  await endedWithin(first, 5_000);
  expect(await findDaemon(options.stateDirectory)).toBeUndefined();
  const next = await ensureDaemon(options);
  expect(next.pid).not.toBe(first.pid);
  await stopProcess(next, { graceMs: 1_000 });
});

test("a daemon sees nothing of its starter's environment but the usual", async () => {
  process.env["SOME_TOKEN"] = "canary";
  const options = daemonOptions("clean");
  const daemon = await ensureDaemon(options);
  const environment = await readFile(`/proc/${String(daemon.pid)}/environ`, "utf8").catch(() => "");
  expect(environment).not.toContain("canary");
  delete process.env["SOME_TOKEN"];
  await stopProcess(daemon, { graceMs: 1_000 });
});

test("a daemon that does not come up is an error with its last words", async () => {
  const options = { ...daemonOptions("broken"), arguments: ["fail"] };
  await expect(ensureDaemon(options)).rejects.toMatchObject({
    code: "DAEMON_NOT_STARTED",
    place: options.logFile,
    output: expect.stringContaining("nothing works today") as string,
  });
});

test("a lock is one process's until that ends, however it ends", async () => {
  const file = join(root, "lock");
  const code = `const { takeLock } = await import(${JSON.stringify(new URL("../../../src/host/processes/processes.ts", import.meta.url).href)});
    console.log(takeLock(${JSON.stringify(file)}) === undefined ? "refused" : "taken"); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect(String((await once(holder.stdout, "data"))[0]).trim()).toBe("taken");
  expect(takeLock(file)).toBeUndefined();
  holder.kill("SIGKILL");
  await once(holder, "exit");
  const lock = takeLock(file);
  expect(lock).toBeDefined();
  lock?.release();
});

test("a port that is listened on, or taken otherwise, is not called free", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect(await freePortFrom(port, { taken: new Set([port + 1]) })).toBeGreaterThan(port + 1);
  expect(await freePort()).toBeLessThan(32_768);
  await new Promise((resolve) => server.close(resolve));
});

test("the ports that a process listens on are those of what it started too, and of nobody else", async (context) => {
  context.skip(process.platform !== "linux", "processes are looked into by /proc, which only Linux has");
  const listen = `const server = require("node:net").createServer().listen(0, () => console.log(server.address().port))`;
  const code = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(listen)}], { stdio: "inherit" })`;
  const own = createServer().listen(0, "127.0.0.1");
  const parent = spawn(process.execPath, ["-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  try {
    const port = Number(String((await once(parent.stdout, "data"))[0]));
    expect(listeningPorts(parent.pid ?? 0)).toEqual([port]);
    expect(listeningPorts(2 ** 30)).toEqual([]);
  } finally {
    process.kill(-(parent.pid ?? 0), "SIGKILL");
    own.close();
  }
});

test("a JSON file is private, whole, and leaves no draft behind", async () => {
  const file = join(root, "deep", "state.json");
  await Promise.all(Array.from({ length: 10 }, (_, number) => writeJsonFile(file, { number })));
  expect(JSON.parse(await readFile(file, "utf8"))).toHaveProperty("number");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(existsSync(join(root, "deep", "draft"))).toBe(false);
});

function daemonOptions(name: string) {
  return {
    entry: new URL("daemon.ts", import.meta.url),
    arguments: ["hello"],
    stateDirectory: join(root, name),
    logFile: join(root, name, "daemon.log"),
  };
}

test("a port for people is none that their browser, or fetch, refuses to ask", async () => {
  for (const first of [4045, 4190, 5060, 6000, 6665, 10_080]) {
    const port = await freePortFrom(first);
    // Refused before anything is sent, for being what it is; a free port only has nobody who listens.
    const error = await fetch(`http://127.0.0.1:${String(port)}/`).catch(
      (thrown: unknown) => thrown as Error,
    );
    expect(String((error as Error).cause)).not.toContain("bad port");
  }
});
