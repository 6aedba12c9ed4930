import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { ended, repositoryOf, type Repository } from "../e2e/support/repository.ts";
import { seededRandom } from "../../src/testing/testing.ts";

interface Status {
  readonly live: { readonly version: string } | null;
  readonly observed: {
    readonly services: readonly [
      {
        readonly url: string;
        readonly replicas: readonly { version: string; processId: number; inRotation: boolean }[];
      },
    ];
  };
}

async function statusOf(repository: Repository): Promise<Status> {
  const { stdout } = await repository.fairway("status", "--env", "local", "--json");
  return (JSON.parse(stdout) as [Status])[0];
}

/** Asks all the time, and counts what is not an answer. */
function ask(url: string) {
  const versions = new Set<string>();
  const failures: string[] = [];
  let stopped = false as boolean;
  let sent = 0;
  const done = (async () => {
    while (!stopped) {
      sent += 1;
      try {
        const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
        await answer.text();
        versions.add(answer.headers.get("x-version") ?? "");
        if (!answer.ok) failures.push(String(answer.status));
      } catch (error) {
        failures.push(String(error));
      }
      await sleep(10);
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await done;
      return { sent, failures, versions };
    },
  };
}

async function deployNext(repository: Repository, text: string): Promise<string> {
  await repository.write("greeting.js", `export const greeting = () => "hello from tiny";\n// ${text}\n`);
  return repository.commit(text);
}

it("kill -9 of the CLI at ten seeded moments of a rollout loses nothing, and the next deploy finishes", async () => {
  const random = seededRandom(20261121);
  await using repository = await repositoryOf("tiny");
  await startSlowly(repository);
  let interrupted = 0;
  const first = await repository.fairway("deploy", "--env", "local");
  expect(first.exitCode, first.output).toBe(0);

  for (let round = 1; round <= 10; round += 1) {
    const before = await statusOf(repository);
    const load = ask(before.observed.services[0].url);
    const version = await deployNext(repository, `round ${String(round)}`);
    const child = repository.start("deploy", "--env", "local");
    const ending = ended(child);
    // The rollout comes next, and takes about two seconds.
    await untilPrinted(child, /✓ images /);
    await sleep(random() * 2000);
    child.kill("SIGKILL");
    await ending;

    const status = await statusOf(repository);
    const { replicas } = status.observed.services[0];
    expect(replicas.filter((replica) => replica.inRotation).length, `round ${String(round)}`).toBeGreaterThan(
      0,
    );
    for (const replica of replicas) expect(existsSync(`/proc/${String(replica.processId)}`)).toBe(true);

    if (status.live?.version !== version) interrupted += 1;
    const finished = await deployUntilTheLeaseEnds(repository);
    expect(finished.exitCode, finished.output).toBe(0);
    const { sent, failures, versions } = await load.stop();
    expect(failures, `of ${String(sent)} requests in round ${String(round)}`).toEqual([]);
    expect(versions).toContain(version);
    const after = await statusOf(repository);
    expect(after.live?.version).toBe(version);
    expect(after.observed.services[0].replicas.map((replica) => replica.version)).toEqual([version, version]);
  }
  expect(interrupted, "kills that came before the end").toBeGreaterThanOrEqual(5);
});

it("when a deploy is killed, another one goes on only after its lease has ended", async () => {
  await using repository = await repositoryOf("tiny");
  await startSlowly(repository);
  expect((await repository.fairway("deploy", "--env", "local")).exitCode).toBe(0);
  await deployNext(repository, "the winner");
  const winner = repository.start("deploy", "--env", "local");
  const ending = ended(winner);
  await untilPrinted(winner, /start [0-9a-f]{7}/);
  winner.kill("SIGKILL");
  await ending;
  const refused = await repository.fairway("deploy", "--env", "local");
  expect(refused.exitCode, refused.output).toBe(3);
  expect(refused.output).toMatch(/is running a deploy of .*since/);
  expect((await deployUntilTheLeaseEnds(repository)).exitCode).toBe(0);
});

/** A server that needs most of a second to listen, so that a rollout has moments to be killed in. */
async function startSlowly(repository: Repository): Promise<void> {
  const server = await readFile(join(repository.path, "server.js"), "utf8");
  await repository.write(
    "server.js",
    server.replace(/^(server\.listen\(.*\));$/m, "setTimeout(() => $1, 700);"),
  );
  repository.commit("Start slowly");
}

async function deployUntilTheLeaseEnds(repository: Repository) {
  const deadline = Date.now() + 90_000;
  for (;;) {
    const run = await repository.fairway("deploy", "--env", "local");
    if (run.exitCode !== 3 || Date.now() > deadline) return run;
    await sleep(2000);
  }
}

async function untilPrinted(child: ReturnType<Repository["start"]>, text: RegExp): Promise<void> {
  let printed = "";
  await new Promise<void>((resolve) => {
    const see = (chunk: Buffer) => {
      printed += chunk.toString();
      if (text.test(printed)) resolve();
    };
    child.stdout?.on("data", see);
    child.stderr?.on("data", see);
    child.on("close", () => {
      resolve();
    });
  });
}
