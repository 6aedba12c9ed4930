import { describe, expect, it } from "vitest";
import { detectToolchain } from "../../../src/steps/steps.ts";

const manifest = (value: object) => JSON.stringify(value);

describe("detecting the toolchain", () => {
  it("reads pnpm at its exact version, the task runner and the scripts", () => {
    const packageJson = manifest({
      packageManager: "pnpm@10.34.9+sha512.abc",
      scripts: { lint: "turbo run lint" },
    });
    expect(
      detectToolchain({
        names: ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", "turbo.json", "apps/"],
        texts: {
          "package.json": packageJson,
          "pnpm-workspace.yaml": "packages: [apps/*, '!apps/old']",
          "turbo.json": '{ "tasks": { "lint": {}, "//#format": {} } }',
        },
      }),
    ).toEqual({
      manager: "pnpm",
      version: "10.34.9",
      lockfile: "pnpm-lock.yaml",
      runner: "turborepo",
      tasks: { lint: "turbo run lint" },
      workspaces: ["apps/*", "!apps/old"],
      rootTasks: ["format"],
      linker: "node-modules",
      readFrom: ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", "turbo.json"],
    });
  });

  it("takes npm as the image has it when nothing names a version", () => {
    const found = detectToolchain({
      names: ["package-lock.json", "nx.json"],
      texts: { "package.json": "{}" },
    });
    expect(found).toMatchObject({ manager: "npm", version: null, runner: "nx" });
  });

  it.each([
    [
      "pnpm without a version",
      ["pnpm-lock.yaml"],
      {},
      "PACKAGE_MANAGER_UNPINNED",
      "package.json packageManager",
    ],
    [
      "a range",
      ["pnpm-lock.yaml"],
      { packageManager: "pnpm@^10" },
      "PACKAGE_MANAGER_UNPINNED",
      "package.json packageManager",
    ],
    [
      "a name alone",
      ["pnpm-lock.yaml"],
      { packageManager: "pnpm" },
      "PACKAGE_MANAGER_UNPINNED",
      "package.json packageManager",
    ],
    ["yarn without a version", ["yarn.lock"], {}, "PACKAGE_MANAGER_UNPINNED", "package.json packageManager"],
    ["bun", ["bun.lock"], {}, "TOOLCHAIN_UNSUPPORTED", "bun.lock"],
    ["no lockfile", [], {}, "LOCKFILE_MISSING", "package.json packageManager"],
    [
      "the lockfile of another",
      ["package-lock.json"],
      { packageManager: "pnpm@10.0.0" },
      "LOCKFILE_MISSING",
      "package.json packageManager",
    ],
  ])("refuses %s, and says where", (_, names, value, code, place) => {
    expect(() => detectToolchain({ names, texts: { "package.json": manifest(value) } })).toThrow(
      expect.objectContaining({ code, place, exitCode: 2 }) as Error,
    );
  });

  it.each([
    ["yarn@1.22.22", "nodeLinker: pnp", "node-modules"],
    ["yarn@4.18.1", "nodeLinker: node-modules", "node-modules"],
    ["yarn@4.18.1", "nodeLinker: pnpm", "node-modules"],
    ["yarn@4.18.1", "", "pnp"],
  ])("reads how %s with %j links packages", (packageManager, settings, linker) => {
    const texts = {
      "package.json": manifest({ packageManager, workspaces: { packages: ["libs/*"] } }),
      ".yarnrc.yml": settings,
    };
    const found = detectToolchain({ names: ["package.json", "yarn.lock", ".yarnrc.yml"], texts });
    expect(found).toMatchObject({ manager: "yarn", lockfile: "yarn.lock", linker, workspaces: ["libs/*"] });
  });

  it("refuses a way of linking that yarn does not have", () => {
    const texts = {
      "package.json": manifest({ packageManager: "yarn@4.18.1" }),
      ".yarnrc.yml": "nodeLinker: symlinks",
    };
    expect(() => detectToolchain({ names: ["yarn.lock"], texts })).toThrow(
      expect.objectContaining({ code: "TOOLCHAIN_UNSUPPORTED", place: ".yarnrc.yml nodeLinker" }) as Error,
    );
  });

  it("gives a repository of cargo's the tasks that cargo has", () => {
    const names = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "src/"];
    const found = detectToolchain({ names, texts: { "Cargo.toml": "[package]" } });
    expect(found).toMatchObject({
      ...{ manager: "cargo", version: null, lockfile: "Cargo.lock", runner: null },
      readFrom: ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml"],
    });
    expect(Object.keys(found.tasks)).toEqual(["fmt", "clippy", "build", "test"]);
    expect(found.tasks["clippy"]).toBe("cargo clippy --workspace --all-targets --locked -- -D warnings");
  });

  it("goes by cargo where package.json has no scripts, and by package.json where it has some", () => {
    const names = ["Cargo.toml", "Cargo.lock", "package.json", "package-lock.json"];
    const managerWith = (value: object) =>
      detectToolchain({ names, texts: { "Cargo.toml": "", "package.json": manifest(value) } }).manager;
    expect(managerWith({ devDependencies: { "@fairway/sdk": "^0.1.0" } })).toBe("cargo");
    expect(managerWith({ scripts: { unit: "vitest" } })).toBe("npm");
  });

  it("takes cargo with its lockfile only", () => {
    expect(() => detectToolchain({ names: ["Cargo.toml"], texts: { "Cargo.toml": "" } })).toThrow(
      expect.objectContaining({ code: "LOCKFILE_MISSING", place: "Cargo.toml", exitCode: 2 }) as Error,
    );
  });

  it("says that package.json is not JSON", () => {
    expect(() => detectToolchain({ names: [], texts: { "package.json": "{" } })).toThrow(
      expect.objectContaining({ code: "PACKAGE_JSON_INVALID" }) as Error,
    );
  });
});
