import { expect, test } from "vitest";
import { deployed, release, replaceOperation, urlOf } from "./fixtures.ts";
import { startLoad } from "./load.ts";

test("two replacements under load lose no request", async () => {
  await using environment = await deployed("v1");
  const load = startLoad(await urlOf(environment.target), 200);
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const index of [0, 1]) {
    await environment.target.apply(replaceOperation("v2", index), release("v2"), environment.context());
  }
  const { sent, failures, versions } = await load.stop();
  expect(failures).toEqual([]);
  expect(sent).toBeGreaterThan(300);
  expect(Object.keys(versions).sort()).toEqual(["v1", "v2"]);
});
