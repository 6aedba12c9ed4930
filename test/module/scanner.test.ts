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

describe("a module that a real engine would refuse", () => {
  test("has a type in a signature that the scanner rejects", async () => {
    const problems = await lintOf({
      "src/index.ts": demo("@func() a(x: Map<string, string>): string { return String(x) }"),
    });
    expect(rules(problems)).toEqual(["scanner"]);
    expect(problems[0]?.message).toContain("does not support generics");
  });

  test("has a union of string literals in a signature", async () => {
    expect(
      rules(await lintOf({ "src/index.ts": demo('@func() a(x: "a" | "b"): string { return x }') })),
    ).toEqual(["scanner"]);
  });

  test("has a function with a reserved name", async () => {
    const problems = await lintOf({ "src/index.ts": demo('@func() id(): string { return "" }') });
    expect(problems).toMatchObject([{ rule: "reserved-name", place: "Demo.id" }]);
  });

  test("has no class that is named after the module", async () => {
    const problems = await lintOf({
      "src/index.ts": demo('@func() a(): string { return "" }').replace("class Demo", "class Other"),
    });
    expect(problems[0]?.message).toContain("no class is named Demo");
  });

  test("imports by value what the SDK inside the engine does not export", async () => {
    const problems = await lintOf({
      "src/index.ts": demo(
        '@func() a(): string { return "" }',
        'import { ExecError, type GraphQLRequestError } from "@dagger.io/dagger";',
      ),
    });
    expect(problems).toMatchObject([
      { rule: "runtime-export", place: "src/index.ts:2", message: expect.stringContaining("ExecError") },
    ]);
  });

  test("imports a package that is not among its dependencies, in a file that nobody refers to", async () => {
    const problems = await lintOf({
      "src/index.ts": demo('@func() a(): string { return "" }'),
      "src/deep/forgotten.ts": 'import { test } from "vitest";\nexport const x = test;\n',
    });
    expect(problems).toMatchObject([{ rule: "dependency", place: "src/deep/forgotten.ts:1" }]);
  });

  test("imports a file that dagger.json leaves out, also when it imports it late", async () => {
    const problems = await lintOf({
      "src/index.ts": demo('@func() async a(): Promise<string> { return (await import("./host/x.ts")).x }'),
      "src/host/x.ts": 'export const x = "";\n',
    });
    expect(problems).toMatchObject([
      { rule: "left-out-import", message: expect.stringContaining("./host/x.ts") },
    ]);
  });

  test("keeps TypeScript among its devDependencies, or takes a dependency from a path", async () => {
    const problems = await lintOf({
      "src/index.ts": demo('@func() a(): string { return "" }'),
      "package.json": JSON.stringify({
        devDependencies: { typescript: "6" },
        dependencies: { lib: "file:../lib" },
        scripts: { prepare: "x" },
      }),
    });
    expect(rules(problems)).toEqual(["package", "package", "package"]);
  });
});

describe("a module in which a real engine would hide or lose something", () => {
  test("has a type that is named like one of the engine's", async () => {
    const problems = await lintOf({
      "src/index.ts": `export enum Env { A = "a" }\n${demo("@func() a(env: Env): string { return env }")}`,
    });
    expect(problems).toMatchObject([{ rule: "core-type-name", place: "Env (src/index.ts:1)" }]);
  });

  test("has an interface as an argument", async () => {
    const problems = await lintOf({
      "src/index.ts": `export interface Options { name: () => Promise<string> }\n${demo("@func() async a(options: Options): Promise<string> { return options.name() }")}`,
    });
    expect(problems).toMatchObject([{ rule: "hidden-function", place: "Demo.a(options)" }]);
  });

  test("has an alias of a union of literals as an argument", async () => {
    const problems = await lintOf({
      "src/index.ts": `export type Level = "low" | "high";\n${demo("@func() a(level: Level): string { return level }")}`,
    });
    expect(problems).toMatchObject([{ rule: "hidden-function", place: "Demo.a(level)" }]);
  });

  test("inherits its functions", async () => {
    const problems = await lintOf({
      "src/base.ts": "export class Base { a() { return 1 } }\n",
      "src/index.ts": demo("", 'import { Base } from "./base.ts";').replace(
        "class Demo",
        "class Demo extends Base",
      ),
    });
    expect(problems).toMatchObject([{ rule: "hidden-function" }]);
  });

  test("keeps state in private names or parameter properties", async () => {
    const problems = await lintOf({
      "src/index.ts": demo('#x = "";\n constructor(private y: string) { this.#x = y }'),
    });
    expect(rules(problems)).toContain("lost-state");
    expect(problems.filter(({ rule }) => rule === "lost-state")).toHaveLength(2);
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

function rules(problems: readonly ModuleProblem[]): string[] {
  return problems.map(({ rule }) => rule);
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
