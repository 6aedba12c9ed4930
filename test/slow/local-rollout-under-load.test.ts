import { expect, test } from "vitest";
import { deployed, release, replaceOperation, service, urlOf } from "../providers/targets/local/fixtures.ts";
import { startLoad } from "../providers/targets/local/load.ts";

test("ten replacements in a row, a broken one among them, under 200 requests a second lose none", async () => {
  await using environment = await deployed("v0");
  const { target } = environment;
  const load = startLoad(await urlOf(target), 200);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  for (let count = 0; count < 10; count++) {
    const version = `v${String(1 + Math.floor(count / 2))}`;
    if (count === 5) {
      const broken = release("broken", service({ variables: { BEHAVIOUR: "exits" } }));
      await expect(
        target.apply(replaceOperation("broken", 0), broken, environment.context()),
      ).rejects.toThrow(/exit code 3/);
    }
    await target.apply(replaceOperation(version, count % 2), release(version), environment.context());
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const { sent, failures, versions } = await load.stop();
  console.log(
    `${String(sent)} requests, ${String(failures.length)} failed, answered by ${JSON.stringify(versions)}`,
  );
  expect(failures).toEqual([]);
  expect(Object.keys(versions).sort()).toEqual(["v0", "v1", "v2", "v3", "v4", "v5"]);
});
