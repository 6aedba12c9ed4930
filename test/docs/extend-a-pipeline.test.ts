import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { plainStyle } from "../../src/cli/commands/help.ts";
import { parseCommandLine } from "../../src/cli/commands/program.ts";
import type { Manifest } from "../../src/cli/module/manifest.ts";
import { writeClientTypes } from "../../src/cli/module/client-types.ts";
import { scanModule } from "../../src/cli/module/scan.ts";
import { findSdk } from "../../src/cli/module/sdk.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { commandsOfThePage } from "../e2e/support/extended.ts";

const root = join(import.meta.dirname, "../..");
const example = join(root, "examples/extended");
const page = readFileSync(join(root, "docs/extend-a-pipeline.md"), "utf8");
/** By the path in its first line. */
const blocks = [...page.matchAll(/^```(?:ts|js|json)\n\/\/ (\S+)\n([\s\S]*?)^```/gm)];

let manifest: Manifest;
beforeAll(async () => {
  const scratch = await mkdtemp(join(tmpdir(), "fairway-page-"));
  try {
    const sdk = findSdk(root);
    const ci = join(example, "ci");
    const files = ["index.ts", "load-test.ts", "shop.ts"].map((name) => join(ci, "src", name));
    const clientTypes = await writeClientTypes(sdk, scratch);
    ({ manifest } = await scanModule({ name: "shop", root: ci, files, clientTypes, sdk }));
  } finally {
    await rm(scratch, { recursive: true });
  }
});

it("the page shows the files of the example", () => {
  expect(blocks.map((block) => block[1])).toEqual(
    expect.arrayContaining([
      "ci/src/licenses.ts",
      "ci/src/shop.ts",
      "ci/src/load-test.ts",
      "ci/package.json",
    ]),
  );
});

for (const [, path, text] of blocks) {
  it(`the page shows ${path!} as it is, whole or a part of it`, () => {
    expect(readFileSync(join(example, path!), "utf8")).toContain(text);
  });
}

for (const command of commandsOfThePage()) {
  it(`\`${command}\` is a command of the example`, () => {
    const { scripts } = JSON.parse(readFileSync(join(example, "ci/package.json"), "utf8")) as {
      scripts: object;
    };
    const [program, ...words] = command.replace("npx ", "").split(" ");
    if (program === "npm") return void expect(["install", ...Object.keys(scripts)]).toContain(words.at(-1));
    expect(() => parseCommandLine(words, { manifest, version: "0.0.0", style: plainStyle })).not.toThrow();
  });
}
