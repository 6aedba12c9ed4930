import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Those that start to work when they are loaded say so, and refuse. */
const script = `
import { globSync } from "node:fs";
const told = [];
for (const file of globSync("dist/**/*.js", { cwd: process.argv[1] }))
  await import(process.argv[1] + "/" + file).catch(({ message }) => {
    if (!message.includes("is started as a daemon")) told.push(file + ": " + message);
  });
console.log(JSON.stringify(told));
`;

// The runner of the tests finds names in CommonJS modules that Node does not.
it("every file of the package can be loaded by Node itself", () => {
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script, root], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual([]);
});
