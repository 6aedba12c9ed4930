import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Client, Directory } from "@dagger.io/dagger";
import { describe, expect, it } from "vitest";
import { install, packageManager, type Toolchain, withPackageManager } from "../../../src/steps/steps.ts";
import { execError, fakeClient } from "../fake-client.ts";

const pnpm: Toolchain = {
  manager: "pnpm",
  version: "10.34.9",
  lockfile: "pnpm-lock.yaml",
  ...{ runner: null, tasks: {}, workspaces: [], rootTasks: [], linker: "node-modules", readFrom: [] },
};
const npm: Toolchain = {
  manager: "npm",
  version: null,
  lockfile: "package-lock.json",
  ...{ runner: null, tasks: {}, workspaces: [], rootTasks: [], linker: "node-modules", readFrom: [] },
};

function installed(client: Client, source: Directory, toolchain: Toolchain) {
  const equipped = withPackageManager(client, "node:24", packageManager(toolchain));
  return install(client, source, equipped, toolchain);
}

describe("installing dependencies", () => {
  it("installs pnpm with npm at the version that package.json names, then from the lockfile alone", async () => {
    const { client, source, execs } = fakeClient();
    await installed(client, source, pnpm);
    expect(execs.map((argv) => argv.slice(0, 4).join(" "))).toEqual([
      "npm install --global pnpm@10.34.9",
      expect.stringContaining("node -e"),
      "pnpm install --frozen-lockfile --reporter=append-only",
    ]);
    expect(execs.flat()).not.toContain("corepack");
  });

  it("runs the repository's own lifecycle scripts after its source is there", async () => {
    const { client, source, execs } = fakeClient({ written: () => '["postinstall"]' });
    await installed(client, source, npm);
    expect(execs.at(-1)).toEqual([
      "npm",
      "run",
      "postinstall",
      "--workspaces",
      "--include-workspace-root",
      "--if-present",
    ]);
  });

  it("says that the lockfile is out of date, and how to mend it", async () => {
    const { client, source } = fakeClient({
      exec: (argv) => {
        if (argv[1] === "install" && argv[0] === "pnpm")
          throw execError(1, " ERR_PNPM_OUTDATED_LOCKFILE  Cannot install");
        return "";
      },
    });
    await expect(installed(client, source, pnpm)).rejects.toMatchObject({
      code: "LOCKFILE_OUTDATED",
      exitCode: 1,
      place: "pnpm-lock.yaml",
      remedy: expect.stringContaining("pnpm install"),
    });
  });

  it("hands on what the package manager said when it fails, with exit 1 whatever its own code was", async () => {
    const { client, source } = fakeClient({
      exec: (argv) => {
        if (argv[0] === "npm") throw execError(4, "", "npm error 404 no such package");
        return "";
      },
    });
    await expect(installed(client, source, npm)).rejects.toMatchObject({
      code: "INSTALL_FAILED",
      exitCode: 1,
      output: "npm error 404 no such package",
    });
  });

  it("sets aside the lifecycle scripts of the repository's packages, and no others", async (context) => {
    const root = mkdtempSync(join(tmpdir(), "fairway-lifecycle-"));
    context.onTestFinished(() => {
      rmSync(root, { recursive: true });
    });
    const write = (path: string, value: unknown) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), JSON.stringify(value));
    };
    write("package.json", { name: "a", scripts: { prepare: "husky", test: "vitest" } });
    write("packages/b/package.json", { name: "b", scripts: { postinstall: "prisma generate" } });
    write("packages/c/package.json", { name: "c" });
    writeFileSync(join(root, "packages/c/broken.json"), "{");
    const { client, source, execs } = fakeClient();
    await installed(client, source, npm);
    const [program = "", ...words] = execs[0] ?? [];
    expect(program).toBe("node");
    const list = join(root, "list.json");
    const ran = spawnSync(process.execPath, [...words.slice(0, -1), list], { cwd: root, encoding: "utf8" });
    expect(ran.stderr).toBe("");
    expect(JSON.parse(readFileSync(list, "utf8"))).toEqual(["postinstall", "prepare"]);
    expect(JSON.parse(readFileSync(join(root, "package.json"), "utf8"))).toEqual({
      name: "a",
      scripts: { test: "vitest" },
    });
    expect(JSON.parse(readFileSync(join(root, "packages/b/package.json"), "utf8"))).toEqual({
      name: "b",
      scripts: {},
    });
  });
});
