import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { lintModule, type ModuleProblem } from "../../../src/cli/module/lint/lint.ts";
import { findSdk } from "../../../src/cli/module/sdk.ts";
import { sound, traps, type Trap } from "./traps.ts";

const repository = join(import.meta.dirname, "../../..");
const page = join(repository, "docs/extend-a-pipeline.md");
const sdk = findSdk(repository);
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "fairway-traps-"));
});
afterAll(async () => {
  await rm(scratch, { recursive: true });
});

it("a module in which nothing is wrong has no problem", async () => {
  expect(await lintOf({})).toEqual([]);
});

/** What replaces a file of the sound module needs a module of its own; the others stand in one, and are one scan. */
const shared = traps.filter(({ files }) => Object.keys(files).every((name) => sound[name] === undefined));
let sharedProblems: Promise<readonly ModuleProblem[]> | undefined;

async function problemsOf(trap: Trap): Promise<readonly ModuleProblem[]> {
  if (!shared.includes(trap)) return lintOf(trap.files);
  sharedProblems ??= lintOf(Object.assign({}, ...shared.map(({ files }) => files)) as Trap["files"]);
  const own = new Set(Object.keys(trap.files));
  return (await sharedProblems).filter(({ place }) => own.has(place.replace(/:\d+$/, "")));
}

for (const trap of traps) {
  it(`${trap.trap}: one problem, with its place and a remedy`, async () => {
    const problems = await problemsOf(trap);
    expect(problems.map(({ place, message }) => `${place} ${message}`)).toHaveLength(1);
    expect(problems[0]!.place).toBe(trap.place);
    expect(problems[0]!.remedy).not.toBe("");
  });
}

it("what only the scanner finds has its file and line too", async () => {
  const source = `import { func, object } from "@dagger.io/dagger";\n@object()\nexport class Demo {\n  @func() a() { return new Map([["a", "b"]]) }\n}\n`;
  const problems = await lintOf({ "src/index.ts": source });
  expect(problems).toMatchObject([{ rule: "scanner", place: "src/index.ts:4" }]);
  expect(problems[0]!.message).toContain("does not support generics");
});

it("the page has each trap, with what a real engine does and what doctor says", async () => {
  const text = await readFile(page, "utf8");
  const rows: string[] = [];
  let section = "";
  for (const trap of traps) {
    const [problem] = await problemsOf(trap);
    if (trap.section !== section) {
      section = trap.section;
      rows.push(
        "",
        `### ${section}`,
        "",
        "| in a module | a Dagger engine | `fairway doctor` |",
        "|---|---|---|",
      );
    }
    const told = `${problem!.place}: ${problem!.message}; ${problem!.remedy}`.replaceAll("|", "\\|");
    rows.push(`| ${trap.trap.replaceAll("|", "\\|")} | ${trap.engine} | \`${told}\` |`);
  }
  const [before, rest = ""] = text.split("<!-- traps -->");
  const [, after = ""] = rest.split("<!-- end of traps -->");
  // After a change of a rule: vitest run test/module/traps --update
  await expect(
    `${before ?? ""}<!-- traps -->\n${rows.slice(1).join("\n")}\n\n<!-- end of traps -->${after}`,
  ).toMatchFileSnapshot(page);
});

let count = 0;
async function lintOf(files: Readonly<Record<string, string>>): Promise<readonly ModuleProblem[]> {
  const root = join(scratch, String(count++));
  const all: Record<string, string> = { ...sound, ...files };
  // One of its own says what is installed; the sound one's lockfile is not part of it.
  if (files["package.json"] !== undefined && files["package-lock.json"] === undefined)
    delete all["package-lock.json"];
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  await mkdir(join(root, "node_modules/@dagger.io"), { recursive: true });
  await symlink(sdk, join(root, "node_modules/@dagger.io/dagger"));
  return lintModule({ root, sdk, scratch: join(root, "types") });
}
