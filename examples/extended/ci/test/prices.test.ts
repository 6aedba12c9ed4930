import { scriptedEngine } from "@fairway/sdk/testing";
import { expect, it } from "vitest";
import { shop } from "../src/shop.ts";

/** The pipeline's own check, of a shop with these prices, whose unit tests end like this. */
async function checked(prices: string, exitCode = 0): Promise<string> {
  await using engine = await scriptedEngine({ otherwise: {}, assumesFiles: true });
  // What the install asks: which lifecycle scripts the repository has.
  engine.on(["node", "-e"]).answers({ files: { "/tmp/fairway-lifecycle.json": "[]" } });
  engine.on(["npm", "run", "unit"]).answers({ exitCode, stdout: "the unit tests" });
  return await engine.run((dag) => {
    const shopFiles = dag.host().directory("..", { exclude: ["**/node_modules"] });
    const source = shopFiles.withNewFile("src/prices.js", prices);
    return shop.with(dag, { source }).check(["prices"]);
  });
}

it("accepts whole cents", async () => {
  expect(await checked("export const prices = {\n  lantern: 1999,\n};\n")).toContain("nothing found");
});

it("finds a fraction where it stands", async () => {
  await expect(checked("export const prices = {\n  lantern: 19.99,\n};\n")).rejects.toMatchObject({
    exitCode: 1,
    answer: expect.stringMatching(/no whole number of cents[^]*src\/prices.js:2/),
  });
});

it("is not run where the unit tests fail", async () => {
  await expect(checked("export const prices = { lantern: 1999 };\n", 1)).rejects.toMatchObject({
    exitCode: 1,
    answer: expect.stringContaining("prices: not run: unit failed"),
  });
});
