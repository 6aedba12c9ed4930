import { scriptedEngine } from "@fairway/sdk/testing";
import { expect, it } from "vitest";
import { shop } from "../src/shop.ts";

/** The pipeline's own check, of a shop that has these packages beside itself. */
async function checked(...packages: readonly object[]): Promise<string> {
  await using engine = await scriptedEngine();
  const all = [{ name: "shop", version: "1.0.0", location: "" }, ...packages];
  engine.on(["npm", "query"]).answers({ stdout: JSON.stringify(all) });
  return await engine.run((dag) => {
    const source = dag.host().directory("..", { exclude: ["**/node_modules"] });
    return shop.with(dag, { source }).check(["licenses"]);
  });
}

const lamp = { name: "lamp", version: "2.0.0", location: "node_modules/lamp" };

it("accepts packages with a licence that nobody refuses", async () => {
  expect(await checked({ ...lamp, license: "MIT" })).toContain("packages with an accepted licence: 1");
});

it("refuses a package under the AGPL by its name and version", async () => {
  await expect(checked({ ...lamp, license: "AGPL-3.0-only" })).rejects.toMatchObject({
    exitCode: 1,
    answer: expect.stringContaining("a licence that is refused: lamp@2.0.0"),
  });
});

it("holds, and does not pass, when nobody knows a licence", async () => {
  await expect(checked(lamp)).rejects.toMatchObject({
    exitCode: 3,
    answer: expect.stringContaining("the licence of lamp@2.0.0"),
  });
});
