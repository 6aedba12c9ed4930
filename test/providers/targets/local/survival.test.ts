import { join } from "node:path";
import { expect, test } from "vitest";
import { startCommand, testEnvironment } from "./fixtures.ts";

test("replicas behind the proxy go on serving when the command that started them is killed with -9", async () => {
  await using environment = await testEnvironment();
  const command = startCommand(join(environment.directory, "state"), "v1");
  await command.says("deployed");
  await command.kill();

  const { api } = await environment.target.urls();
  const answers = await Promise.all(
    Array.from(
      { length: 20 },
      async () => (await fetch(`${String(api)}/`)).json() as Promise<{ version: string; pid: number }>,
    ),
  );
  expect(new Set(answers.map((answer) => answer.version))).toEqual(new Set(["v1"]));
  const observed = await environment.target.observe();
  const replicas = observed.services[0]?.replicas ?? [];
  expect(replicas.map(({ index, state, inRotation }) => ({ index, state, inRotation }))).toEqual([
    { index: 0, state: "ready", inRotation: true },
    { index: 1, state: "ready", inRotation: true },
  ]);
  expect(new Set(answers.map((answer) => answer.pid))).toEqual(
    new Set(replicas.map((replica) => replica.processId)),
  );
});
