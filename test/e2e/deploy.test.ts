import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ended, repositoryOf, type Repository, type Run } from "./support/repository.ts";

/** One repository for all: each test begins with something live, and leaves something live. */
let repository: Repository;
let first: Run;

beforeAll(async () => {
  repository = await repositoryOf("tiny");
  first = await repository.fairway("deploy", "--env", "local");
});

afterAll(() => repository[Symbol.asyncDispose]());

async function answer(): Promise<string> {
  const { stdout } = await repository.fairway("status", "--env", "local", "--json");
  const [{ observed }] = JSON.parse(stdout) as [{ observed: { services: [{ url: string }] } }];
  return (await fetch(observed.services[0].url)).text();
}

/** Another image, which says the same. */
async function commitAnother(comment: string): Promise<string> {
  const text = await readFile(join(repository.path, "greeting.js"), "utf8");
  await repository.write("greeting.js", `${text}// ${comment}\n`);
  return repository.commit(comment);
}

it("a commit becomes replicas that answer, and a second deploy has nothing to do", async () => {
  expect(first, first.output).toMatchObject({ exitCode: 0 });
  expect(first.stdout).toMatch(/is live in local.*\n.*web\s+http:\/\/127\.0\.0\.1:\d+/);
  expect(await answer()).toBe("hello from tiny");

  const again = await repository.fairway("deploy", "--env", "local");
  expect(again.exitCode, again.output).toBe(0);
  expect(again.stdout).toContain("Nothing to do");
});

it("a release that never becomes ready goes back, exits 4 and says what is live", async () => {
  const yaml = await readFile(join(repository.path, "fairway.yaml"), "utf8");
  // Its own patience is what it is given: nobody waits longer to see it fail.
  await repository.write(
    "fairway.yaml",
    yaml.replace("startupTimeoutSeconds: 10", "startupTimeoutSeconds: 3"),
  );
  await repository.write("server.js", 'console.log("no port for me"); setInterval(() => undefined, 1000);\n');
  const broken = repository.commit("Break it");
  const deploy = await repository.fairway("deploy", "--env", "local");
  repository.undo();
  expect(deploy.exitCode, deploy.output).toBe(4);
  expect(deploy.output).toContain(`${broken} failed`);
  expect(deploy.output).toContain("is live in local");
  expect(deploy.output).toContain("no port for me");
  expect(await answer()).toBe("hello from tiny");
  expect((await repository.fairway("history")).stdout).toContain("rolled back");
});

it("rollback brings back the release before", async () => {
  const second = await commitAnother("second");
  expect((await repository.fairway("plan", "--env", "local", "--out", "plan.json")).exitCode).toBe(0);
  // The images of the plan are taken as they are: what was built may be gone, and a build of today another image.
  const planned = await repository.fairway("deploy", "--env", "local", "--plan", "plan.json");
  expect(planned.exitCode, planned.output).toBe(0);
  expect(planned.output).toContain(`${second} is live`);
  expect(planned.output).toContain("images of the plan");
  expect(planned.output).not.toContain("image web");
  repository.undo();
  const stale = await repository.fairway("deploy", "--env", "local", "--plan", "plan.json");
  expect(stale.exitCode).toBe(3);
  expect(stale.output).toMatch(/the plan is of .* and what is checked out is/);
  // Whoever goes back is asked nothing of what is checked out.
  const dockerfile = await readFile(join(repository.path, "Dockerfile"), "utf8");
  await rm(join(repository.path, "Dockerfile"));
  const rollback = await repository.fairway("rollback", "--env", "local", "--reason", "Performance issue");
  await repository.write("Dockerfile", dockerfile);
  expect(rollback.exitCode, rollback.output).toBe(0);
  expect(rollback.stdout).toContain("is live again");
  expect((await repository.fairway("history")).stdout).toContain("Performance issue");
});

it("of two deploys at once one is refused with the name of the other", async () => {
  await commitAnother("at once");
  const [one, other] = await Promise.all([
    ended(repository.start("deploy", "--env", "local")),
    ended(repository.start("deploy", "--env", "local")),
  ]);
  const codes = [one.exitCode, other.exitCode].sort();
  // The second may also come when the first has ended: then it has nothing to do.
  expect([[0, 3].join(), [0, 0].join()]).toContain(codes.join());
  const refused = [one, other].find((run) => run.exitCode === 3);
  if (refused !== undefined)
    expect(refused.output).toMatch(
      /is running a deploy of [0-9a-f]{7}|has changed while [0-9a-f]{7} was being checked/,
    );
});

it("a secret that has another value now reaches the replicas of a commit that is live already", async () => {
  const yaml = await readFile(join(repository.path, "fairway.yaml"), "utf8");
  await repository.write(
    "fairway.yaml",
    yaml.replace("    target: local\n", "    target: local\n    secrets: [GREETING]\n"),
  );
  await repository.write(".gitignore", ".env.local\n");
  repository.commit("A secret");
  const deployWith = async (value: string) => {
    await repository.write(".env.local", `GREETING=${value}\n`);
    const run = await repository.fairway("--secrets", "file:.env.local", "deploy", "--env", "local");
    expect(run.exitCode, run.output).toBe(0);
    return run;
  };
  await deployWith("canary-before");
  expect(await answer()).toBe("hello from canary-before");

  const rotated = await deployWith("canary-after");
  expect(rotated.output).toContain("secrets changed: GREETING");
  expect(rotated.output).not.toContain("canary");
  expect(await answer()).toBe("hello from canary-after");
  expect((await deployWith("canary-after")).stdout).toContain("Nothing to do");
});

it("down stops it all, and status says what brings it back", async () => {
  const down = await repository.fairway("down", "--env", "local");
  expect(down.exitCode, down.output).toBe(0);
  const status = await repository.fairway("status");
  expect(status.stdout).toMatch(/nothing is live: [0-9a-f]{7} on main was, until .* stopped it/);
  expect(status.stdout).toMatch(/bring it back, with [0-9a-f]{7} checked out: .*fairway deploy --env local/);
});
