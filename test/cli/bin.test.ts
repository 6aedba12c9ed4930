import { readFile } from "node:fs/promises";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";

const bin = new URL("../../bin/fairway.js", import.meta.url);

/** Runs the text of bin/fairway.js as another Node would, with its `import()` taken out. */
async function runAs(version: string, env: Record<string, string> = { HOME: "/home/ada" }) {
  const text = (await readFile(bin, "utf8")).replace(/^#!.*/, "").replaceAll("import(", "load(");
  const seen = { loaded: "", compiled: "", stderr: "", exitCode: 0 };
  const process = {
    versions: { node: version },
    env,
    getBuiltinModule: () => ({ enableCompileCache: (directory: string) => (seen.compiled = directory) }),
    argv: ["node", "fairway", "deploy", "--env", "local"],
    stderr: { write: (words: string) => (seen.stderr += words) },
    set exitCode(code: number) {
      seen.exitCode = code;
    },
  };
  const load = (specifier: string) => {
    seen.loaded = specifier;
    return { then: () => undefined };
  };
  runInNewContext(text, { process, load });
  return seen;
}

test.each(["8.17.0", "20.20.2", "22.21.9"])(
  "Node %s is refused with 2, its version, and how to bring a newer one",
  async (version) => {
    const { loaded, stderr, exitCode } = await runAs(version);
    expect(stderr).toContain(`this is Node ${version}`);
    expect(stderr).toContain("npm install --save-dev node@24");
    expect(stderr).toContain("npx fairway deploy --env local");
    expect({ loaded, exitCode }).toEqual({ loaded: "", exitCode: 2 });
  },
);

test.each(["22.22.0", "24.21.0", "26.0.0"])("Node %s starts the CLI", async (version) => {
  expect(await runAs(version)).toMatchObject({ loaded: "../dist/cli/main.js", stderr: "", exitCode: 0 });
});

test("what V8 compiled is kept with Fairway's other caches", async () => {
  expect(await runAs("24.21.0")).toMatchObject({ compiled: "/home/ada/.cache/fairway/compiled" });
  const shared = { HOME: "/home/ada", XDG_CACHE_HOME: "/var/cache" };
  expect(await runAs("24.21.0", shared)).toMatchObject({ compiled: "/var/cache/fairway/compiled" });
  const own = { ...shared, FAIRWAY_CACHE_DIR: "/fast" };
  expect(await runAs("24.21.0", own)).toMatchObject({ compiled: "/fast/compiled" });
});
