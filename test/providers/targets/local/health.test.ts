import { expect, test } from "vitest";
import { deployed, replicasOf, until, urlOf, type Answer } from "./fixtures.ts";

test("a replica that ends is started again, and meanwhile the other one answers everything", async () => {
  await using environment = await deployed("v1");
  const { target } = environment;
  const [victim] = await replicasOf(target);
  process.kill(victim?.processId ?? 0, "SIGKILL");
  const url = await urlOf(target);
  const statuses = await Promise.all(Array.from({ length: 30 }, async () => (await fetch(url)).status));
  expect(new Set(statuses)).toEqual(new Set([200]));
  // The supervisor hears of the end a moment after the connections do.
  await until(async () =>
    (await replicasOf(target)).every(
      ({ processId, state, inRotation }) =>
        processId !== victim?.processId && state === "ready" && inRotation,
    ),
  );
  expect(await replicasOf(target)).toHaveLength(2);
});

test("a replica that hangs, by its liveness, is started again", async () => {
  await using environment = await deployed("v1");
  const { target } = environment;
  const { pid } = (await (await fetch(`${await urlOf(target)}/hang`)).json()) as Answer;
  await until(async () => {
    const replicas = await replicasOf(target);
    return (
      replicas.length === 2 &&
      replicas.every(({ processId, state }) => processId !== pid && state === "ready")
    );
  });
});

test("an unready replica leaves the rotation and comes back; when all are unready, all go on", async () => {
  await using environment = await deployed("v1");
  const { target } = environment;
  const url = await urlOf(target);
  const { pid } = (await (await fetch(`${url}/become-unready`)).json()) as Answer;
  await until(async () => (await replicasOf(target)).some((replica) => !replica.inRotation));
  const [out] = (await replicasOf(target)).filter((replica) => !replica.inRotation);
  expect(out).toMatchObject({ processId: pid, state: "unready" });
  const answers = await Promise.all(
    Array.from({ length: 8 }, async () => (await (await fetch(url)).json()) as Answer),
  );
  expect(answers.map((answer) => answer.pid)).not.toContain(pid);

  await fetch(`${url}/become-unready`);
  await until(async () => (await replicasOf(target)).every((replica) => replica.state === "unready"));
  expect((await replicasOf(target)).map((replica) => replica.inRotation)).toEqual([true, true]);
  expect((await fetch(url)).status).toBe(200);

  // Whichever answers: both are asked in turn.
  await until(async () => {
    await fetch(`${url}/become-ready`);
    return (await replicasOf(target)).every((replica) => replica.state === "ready");
  });
});
