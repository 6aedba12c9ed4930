import { spawn, spawnSync } from "node:child_process";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, type TestContext } from "vitest";
import { isRoot } from "./fixture.ts";

const root = join(import.meta.dirname, "../../..");
const nobody = 65534;

/** Runs tests of layers and sandbox, `sandbox/start`, as somebody who may not write here. */
export async function expectToPassForOrdinaryUser(ctx: TestContext, files: readonly string[]): Promise<void> {
  if (!isRoot) ctx.skip("we are an ordinary user already");
  const become = ["--reuid", String(nobody), "--regid", String(nobody), "--clear-groups"];
  const readable = spawnSync("setpriv", [
    ...become,
    process.execPath,
    "-e",
    `require("fs").readdirSync(${JSON.stringify(join(root, "node_modules/vitest"))})`,
  ]);
  if (readable.error !== undefined) ctx.skip("setpriv is missing");
  if (readable.status !== 0) ctx.skip(`an ordinary user cannot read ${root}`);
  const namespaces = spawnSync("setpriv", [...become, "unshare", "--user", "--map-root-user", "true"]);
  if (namespaces.status !== 0)
    ctx.skip(`the kernel refuses user namespaces: ${namespaces.stderr.toString().trim()}`);
  const home = await mkdtemp("/tmp/fairway-nobody-");
  await chown(home, nobody, nobody);
  try {
    const { code, said } = await run(
      "setpriv",
      [
        ...become,
        process.execPath,
        join(root, "node_modules/vitest/vitest.mjs"),
        ...[
          "run",
          "--configLoader",
          "native",
          "--config",
          join(import.meta.dirname, "ordinary-user.config.ts"),
          ...files.map((file) => `test/host/${file}.test.ts`),
        ],
      ],
      home,
    );
    expect(code, said).toBe(0);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function run(
  file: string,
  argv: readonly string[],
  home: string,
): Promise<{ code: number | null; said: string }> {
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    TMPDIR: home,
    FAIRWAY_TEST_CACHE: join(home, "vite"),
    CI: "true",
    NO_COLOR: "1",
  };
  return new Promise((resolve) => {
    const child = spawn(file, argv, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.on("close", (code) => {
      resolve({ code, said });
    });
  });
}
