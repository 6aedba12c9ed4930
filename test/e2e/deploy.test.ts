import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ended, repositoryOf, type Repository } from "./support/repository.ts";

async function answerOf(repository: Repository): Promise<string> {
  const { stdout } = await repository.fairway("status", "--env", "local", "--json");
  const [{ observed }] = JSON.parse(stdout) as [{ observed: { services: [{ url: string }] } }];
  return (await fetch(observed.services[0].url)).text();
}

it("a commit becomes replicas that answer, a second deploy has nothing to do, and down stops it all", async () => {
  await using repository = await repositoryOf("tiny");
  const deploy = await repository.fairway("deploy", "--env", "local");
  expect(deploy, deploy.output).toMatchObject({ exitCode: 0 });
  expect(deploy.stdout).toMatch(/is live in local.*\n.*web\s+http:\/\/127\.0\.0\.1:\d+/);
  expect(await answerOf(repository)).toBe("hello from tiny");

  const again = await repository.fairway("deploy", "--env", "local");
  expect(again.exitCode, again.output).toBe(0);
  expect(again.stdout).toContain("Nothing to do");

  const down = await repository.fairway("down", "--env", "local");
  expect(down.exitCode, down.output).toBe(0);
  const status = await repository.fairway("status");
  expect(status.stdout).toMatch(/nothing is live: [0-9a-f]{7} on main was, until .* stopped it/);
  expect(status.stdout).toMatch(/bring it back, with [0-9a-f]{7} checked out: .*fairway deploy --env local/);
});

it("a release that never becomes ready goes back, exits 4 and says what is live", async () => {
  await using repository = await repositoryOf("tiny");
  expect((await repository.fairway("deploy", "--env", "local")).exitCode).toBe(0);
  await repository.write("server.js", 'console.log("no port for me"); setInterval(() => undefined, 1000);\n');
  const broken = repository.commit("Break it");
  const deploy = await repository.fairway("deploy", "--env", "local");
  expect(deploy.exitCode, deploy.output).toBe(4);
  expect(deploy.output).toContain(`${broken} failed`);
  expect(deploy.output).toContain("is live in local");
  expect(deploy.output).toContain("no port for me");
  expect(await answerOf(repository)).toBe("hello from tiny");
  expect((await repository.fairway("history")).stdout).toContain("rolled back");
});

it("rollback brings back the release before", async () => {
  await using repository = await repositoryOf("tiny");
  expect((await repository.fairway("deploy", "--env", "local")).exitCode).toBe(0);
  await repository.write("greeting.js", 'export const greeting = () => "hello from tiny";\n// second\n');
  const second = repository.commit("Second");
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
  await rm(join(repository.path, "Dockerfile"));
  const rollback = await repository.fairway("rollback", "--env", "local", "--reason", "Performance issue");
  expect(rollback.exitCode, rollback.output).toBe(0);
  expect(rollback.stdout).toContain("is live again");
  expect((await repository.fairway("history")).stdout).toContain("Performance issue");
});

it("a secret that has another value now reaches the replicas of a commit that is live already", async () => {
  await using repository = await repositoryOf("tiny");
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
  expect(await answerOf(repository)).toBe("hello from canary-before");

  const rotated = await deployWith("canary-after");
  expect(rotated.output).toContain("secrets changed: GREETING");
  expect(rotated.output).not.toContain("canary");
  expect(await answerOf(repository)).toBe("hello from canary-after");
  expect((await deployWith("canary-after")).stdout).toContain("Nothing to do");
});

it("of two deploys at once one is refused with the name of the other", async () => {
  await using repository = await repositoryOf("tiny");
  expect((await repository.fairway("deploy", "--env", "local")).exitCode).toBe(0);
  await repository.write("greeting.js", 'export const greeting = () => "hello from tiny";\n// second\n');
  repository.commit("Second");
  const [first, second] = await Promise.all([
    ended(repository.start("deploy", "--env", "local")),
    ended(repository.start("deploy", "--env", "local")),
  ]);
  const codes = [first.exitCode, second.exitCode].sort();
  // The second may also come when the first has ended: then it has nothing to do.
  expect([[0, 3].join(), [0, 0].join()]).toContain(codes.join());
  const refused = [first, second].find((run) => run.exitCode === 3);
  if (refused !== undefined)
    expect(refused.output).toMatch(
      /is running a deploy of [0-9a-f]{7}|has changed while [0-9a-f]{7} was being checked/,
    );
});
