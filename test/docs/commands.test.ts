import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { plainStyle } from "../../src/cli/commands/help.ts";
import { parseCommandLine } from "../../src/cli/commands/program.ts";
import { loadConfig } from "../../src/config/config.ts";
import type { Manifest } from "../../src/cli/module/manifest.ts";

const root = join(import.meta.dirname, "../..");
const manifest = JSON.parse(readFileSync(join(root, "dist/manifest.json"), "utf8")) as Manifest;
const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object }).scripts;

const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "ARCHITECTURE.md"]
  .concat(
    readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).map((name) => `docs/${name}`),
  )
  .concat(
    readdirSync(join(root, "ci")).map((name) => `ci/${name}`),
    "examples/shop/README.md",
  )
  // Its commands are those of a module of its own: test/docs/extend-a-pipeline.test.ts.
  .filter((name) => /\.(md|yml)$/.test(name) && name !== "docs/extend-a-pipeline.md");

const commands = pages.flatMap((page) => {
  const text = readFileSync(join(root, page), "utf8");
  // A command stands at the beginning of a line, after `npx`, or in backquotes; words after a comment do not count.
  const found = text.matchAll(/(?:npx (?:--no-install )?|`|^\s*\$ )fairway ([a-z-][^`#\n]*)/gm);
  return [...found].map((match) => ({ page, words: match[1]!.trim() }));
});

it("the pages show commands", () => {
  expect(commands.length).toBeGreaterThan(5);
});

for (const { page, words } of commands) {
  it(`\`fairway ${words}\` in ${page} is a command with these flags`, () => {
    const list = (words.match(/(?:"[^"]*"|\S)+/g) ?? []).map((word) => word.replaceAll('"', ""));
    expect(() => parseCommandLine(list, { manifest, version: "0.0.0", style: plainStyle })).not.toThrow();
  });
}

it("the fairway.yaml of a page is one that is accepted", () => {
  const configs = pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/^```yaml\n(name: [\s\S]*?)^```/gm)].map((block) => ({
      page,
      text: block[1]!,
    })),
  );
  expect(configs.map(({ page }) => page)).toContain("docs/production.md");
  for (const { page, text } of configs) expect(() => loadConfig(text, page)).not.toThrow();
});

it("each `npm run` of the pages is a script of package.json", () => {
  const own = pages.filter((page) => !page.startsWith("examples/"));
  const named = own.flatMap((page) => [
    ...readFileSync(join(root, page), "utf8").matchAll(/npm run (?:--silent )?([a-z:-]+)/g),
  ]);
  const missing = named.map((match) => match[1]!).filter((name) => !Object.hasOwn(scripts, name));
  expect(missing).toEqual([]);
});
