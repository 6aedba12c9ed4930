import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lintModule, type ModuleProblem } from "../../src/cli/module/lint/lint.ts";
import { findSdk } from "../../src/cli/module/sdk.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const sdk = findSdk(repository);
let scratch: string;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "fairway-lint-"));
});
afterEach(async () => {
  await rm(scratch, { recursive: true, force: true });
});

test("the stock module has nothing that a real engine would refuse or hide", async () => {
  const problems = await lintModule({ root: repository, sdk, scratch: join(scratch, "types") });
  expect(problems.map(({ rule, place, message }) => `${rule} ${place} ${message}`)).toEqual([]);
});

test("the harbor fixture has nothing that a real engine would refuse or hide", async () => {
  const root = fileURLToPath(new URL("./fixtures/harbor", import.meta.url));
  expect(await lintModule({ root, sdk, scratch })).toEqual([]);
});

// What it finds: test/module/traps.
describe("is not taken in by", () => {
  test("what looks like a trap", async () => {
    const problems = await lintOf({
      "src/index.ts": demo(
        `@func() sizes(): string[] { return [...this.list()].map(String) }
        @func() async half(of: float = 2): Promise<float> { return of / 2 }
        @func() async first(names?: string[] | null): Promise<string | null> { return names?.[0] ?? null }
        @func() described(): Answer { return { text: "" } }
        @func({ cache: "never" }) async send(): Promise<string> { return dag.container().publish("registry.example/a") }
        @func() base(): Container { return dag.container().with((one) => one) }
        @func() async tested(): Promise<string> { return this.base().stdout() }
        private list() { return new Map([["a", 1]]).values() }`,
        'import { dag, type Container, type float } from "@dagger.io/dagger"; export type Answer = { text: string };',
      ),
    });
    expect(problems).toEqual([]);
  });

  test("an effect that is two calls away", async () => {
    const problems = await lintOf({
      "src/index.ts": demo(
        "@func() a(): Promise<string> { return this.later() } private later() { return send() }",
        'import { send } from "./send.ts";',
      ),
      "src/send.ts":
        "export async function send() { return pipeline.rollback() }\ndeclare const pipeline: { rollback(): Promise<string> };\n",
    });
    expect(problems).toMatchObject([
      { rule: "cache", message: expect.stringContaining("it calls rollback") },
    ]);
  });
});

test("imports of types only are not looked at", async () => {
  const problems = await lintOf({
    "src/index.ts": demo(
      '@func() a(): string { return "" }',
      'import type { Test } from "vitest";\nexport type T = Test;',
    ),
  });
  expect(problems).toEqual([]);
});

function demo(members: string, imports = ""): string {
  return `import { func, object } from "@dagger.io/dagger";\n${imports}\nvoid func;\n@object()\nexport class Demo {\n${members}\n}\n`;
}

async function lintOf(files: Readonly<Record<string, string>>): Promise<readonly ModuleProblem[]> {
  const settings = { name: "demo", sdk: { source: "typescript" }, include: ["!src/host"] };
  const all = { "dagger.json": JSON.stringify(settings), "package.json": "{}", ...files };
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(scratch, name)), { recursive: true });
    await writeFile(join(scratch, name), text);
  }
  await mkdir(join(scratch, "node_modules/@dagger.io"), { recursive: true });
  await symlink(sdk, join(scratch, "node_modules/@dagger.io/dagger"));
  return lintModule({ root: scratch, sdk, scratch: join(scratch, "types") });
}
