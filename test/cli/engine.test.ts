import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FunctionCall } from "../../src/cli/commands/invocation.ts";
import { actorOf } from "../../src/cli/run/actor.ts";
import { chooseEngine } from "../../src/cli/run/engine.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-engine-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** `undefined`: of a function without an environment; `""`: of one whose environment was left out. */
const callFor = (env?: string) =>
  ({
    values: env === undefined || env === "" ? {} : { env },
    definition: { arguments: env === undefined ? [] : [{ name: "env", defaultValue: "" }] },
  }) as unknown as FunctionCall;
const choose = (
  choice: "auto" | "dagger" | "embedded",
  env: string | undefined,
  variables: Record<string, string>,
) => chooseEngine(choice, callFor(env), { repository: directory, state: directory }, variables);
const session = { DAGGER_SESSION_PORT: "1", DAGGER_SESSION_TOKEN: "t" };

async function daggerThatExits(code: number): Promise<string> {
  await writeFile(join(directory, "dagger"), `#!/bin/sh\nexit ${String(code)}\n`);
  await chmod(join(directory, "dagger"), 0o755);
  return directory;
}

test("auto takes the session that is there", () => {
  expect(choose("auto", undefined, session).kind).toBe("dagger");
});

test("auto takes the dagger whose engine answers, and not one whose engine does not", async () => {
  expect(choose("auto", undefined, { PATH: await daggerThatExits(0) })).toMatchObject({
    kind: "dagger",
    program: join(directory, "dagger"),
  });
  expect(choose("auto", undefined, { PATH: await daggerThatExits(1) })).toMatchObject({
    kind: "embedded",
    because: expect.stringContaining("no engine that answers"),
  });
});

test("auto takes the embedded engine for an environment with a local target, whatever else is there", async () => {
  await writeFile(
    join(directory, "fairway.yaml"),
    "name: x\nenvironments:\n  mine:\n    # ours\n    target: local\n  inline: { target: local, branch: main }\n  far:\n    target: gitops\nregistry: loopback\n",
  );
  expect(choose("auto", "mine", session)).toMatchObject({ kind: "embedded", because: "for a local target" });
  expect(choose("auto", "inline", session).kind).toBe("embedded");
  expect(choose("auto", "far", session).kind).toBe("dagger");
  expect(choose("auto", undefined, session).kind).toBe("dagger");
});

test("auto takes the embedded engine for all environments where one of them has a local target", async () => {
  const file = join(directory, "fairway.yaml");
  await writeFile(file, "name: x\nenvironments:\n  far:\n    target: gitops\n");
  expect(choose("auto", "", session).kind).toBe("dagger");
  await writeFile(file, "name: x\nenvironments:\n  far:\n    target: gitops\n  mine:\n    target: local\n");
  expect(choose("auto", "", session)).toMatchObject({ kind: "embedded", because: "for a local target" });
});

test("what was asked for is taken, also where auto would not", () => {
  expect(choose("embedded", undefined, session).kind).toBe("embedded");
  expect(choose("dagger", "local", { PATH: "" }).kind).toBe("dagger");
});

test("the actor is who started the job in CI, else the user of this machine", () => {
  expect(actorOf({ GITHUB_ACTOR: "ada" })).toBe("ada@github");
  expect(actorOf({ GITLAB_USER_LOGIN: "grace" })).toBe("grace@gitlab");
  expect(actorOf({})).toMatch(/^.+@.+$/);
});
