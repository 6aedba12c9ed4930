import type { Client } from "@dagger.io/dagger";
import { pipelineMatchers, scriptedEngine, type PipelineMatchers } from "@fairway/sdk/testing";
import { expect, it } from "vitest";
import { loadTest } from "../src/load-test.ts";

declare module "vitest" {
  interface Matchers<T> extends PipelineMatchers<T> {}
}
expect.extend(pipelineMatchers);

/** The shop's repository, as it is here. */
const repository = (dag: Client) => dag.host().directory("..", { exclude: ["**/node_modules"] });

it("asks the shop that the Dockerfile makes, as often as it is told", async () => {
  await using engine = await scriptedEngine();
  engine.on({ argv: ["node", "/load.mjs"], services: ["shop"] }).answers({ stdout: "50 requests\n" });
  expect(await engine.run((dag) => loadTest(dag, repository(dag), 50))).toBe("50 requests\n");
  expect(engine).toHaveRun(["node", "/load.mjs", "http://shop:3000/lantern", "50"], { times: 1 });
});

it("fails when the shop does not answer", async () => {
  await using engine = await scriptedEngine();
  engine.on(["node", "/load.mjs"]).answers({ exitCode: 1, stderr: "http://shop:3000/lantern answered 404" });
  const tested = engine.run((dag) => loadTest(dag, repository(dag), 50));
  await expect(tested).rejects.toMatchObject({ exitCode: 1 });
});
