import { execFile } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const script = join(import.meta.dirname, "build-shop.ts");
const image = ["node", ["main.mjs", "main.mjs.map"]];

describe("the shop's Dockerfiles build on the embedded engine", () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "fairway-shop-"));
    await chmod(root, 0o755);
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const build = async (prefix: readonly string[], home: string) => {
    const command = [...prefix, process.execPath, script, join(home, "cache")];
    const { stdout } = await promisify(execFile)("env", command, {
      env: { ...process.env, HOME: home },
      maxBuffer: 1 << 26,
    });
    return JSON.parse(stdout) as unknown;
  };

  it("for the user who runs the tests", { timeout: 300_000 }, async () => {
    expect(await build([], join(root, "own"))).toEqual([image, image]);
  });

  it("for an ordinary user", { timeout: 300_000 }, async (context) => {
    if (process.getuid?.() !== 0) context.skip("only root can become another user");
    const home = join(root, "nobody");
    await mkdir(home);
    await chown(home, 65_534, 65_534);
    const nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    expect(await build(nobody, home)).toEqual([image, image]);
  });
});
