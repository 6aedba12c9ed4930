import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mainObject, type Manifest } from "../../src/cli/module/manifest.ts";

/** As the build has read it from src/module.ts. */
const manifest = JSON.parse(
  readFileSync(new URL("../../dist/manifest.json", import.meta.url), "utf8"),
) as Manifest;

test("no engine keeps the answer of a function that depends on more than its arguments: of all but images", () => {
  const functions = mainObject(manifest).functions.map(({ name, cache }) => ({ name, cache }));
  const never = functions.filter(({ cache }) => cache === "never").map(({ name }) => name);
  expect(never).toContain("status");
  expect(functions.map(({ name }) => name).filter((name) => !never.includes(name))).toEqual(["images"]);
});
