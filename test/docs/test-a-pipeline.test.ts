import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/test-a-pipeline.md"), "utf8");
/** By the name in its first line. */
const blocks = new Map(
  [...page.matchAll(/^```(?:ts|yaml)\n(?:\/\/|#) (\S+)\n([\s\S]*?)^```/gm)].map((block) => [
    block[1]!,
    block[2]!,
  ]),
);
const commands = [...page.matchAll(/^npx fairway (.+)$/gm)].map((match) => match[1]!.split(" "));

let shop: string;
beforeAll(async () => {
  shop = await mkdtemp(join(tmpdir(), "fairway-explain-docs-"));
  await cp(join(root, "examples/shop"), shop, {
    recursive: true,
    filter: (path) => !path.split(sep).includes("node_modules"),
  });
  await mkdir(join(shop, ".git"));
  await writeFile(join(shop, "answers.yaml"), blocks.get("answers.yaml")!);
});
afterAll(() => rm(shop, { recursive: true, force: true }));

it("the pipeline of the page passes the tests of the page", async () => {
  // Inside of the package: `@fairway/sdk/testing` is what is packed.
  const folder = await mkdtemp(join(import.meta.dirname, ".page-"));
  try {
    for (const name of ["pipeline.ts", "pipeline.test.ts"])
      await writeFile(join(folder, name), blocks.get(name)!);
    await writeFile(join(folder, "vitest.config.ts"), "export default {};\n");
    await mkdir(join(folder, "src"));
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const words = [vitest, "run", "--root", folder, "--reporter", "json", "--testTimeout", "60000"];
    const { stdout, stderr } = await execa(process.execPath, words, {
      cwd: folder,
      env: { CI: "1" },
      reject: false,
    });
    expect(JSON.parse(stdout), `${stderr}${stdout}`).toMatchObject({ success: true, numPassedTests: 2 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it("shows commands", () => {
  expect(commands.length).toBeGreaterThan(3);
});

for (const words of commands) {
  it(`\`fairway ${words.join(" ")}\` shows steps of examples/shop`, async () => {
    const { stdout, exitCode } = await execa(process.execPath, [join(root, "bin/fairway.js"), ...words], {
      ...{ cwd: shop, reject: false },
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("pnpm install --frozen-lockfile");
    // The operations of the plan are the end of it.
    if (words.includes("deploy")) expect(stdout).toContain("smoke test: api /products, web /");
  });
}
