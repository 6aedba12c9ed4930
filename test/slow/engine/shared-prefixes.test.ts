import { expect, it } from "vitest";
import { testEngine } from "../../engine/support/engine.ts";
import { leaves, ran, stepsOf } from "../../engine/support/step-tree.ts";

it("each distinct program of 200 containers that share their first steps runs once, and in no session again", async () => {
  const fanOut = [4, 5, 10];
  await using engine = await testEngine();
  await engine.with((dag) => Promise.all(leaves(dag, fanOut).map((container) => container.sync())));
  expect(ran(engine.events)).toBe(stepsOf(fanOut));
  await using other = await testEngine({ cache: engine.cache });
  await other.with((dag) => Promise.all(leaves(dag, fanOut).map((container) => container.sync())));
  expect(ran(other.events)).toBe(0);
});
