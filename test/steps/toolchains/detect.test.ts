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
      detectToolchain({ names: ["package.json", "pnpm-lock.yaml", "turbo.json", "apps/"], packageJson }),
    ).toEqual({
      manager: "pnpm",
      version: "10.34.9",
      lockfile: "pnpm-lock.yaml",
      turborepo: true,
      scripts: { lint: "turbo run lint" },
    });
  });

  it("takes npm as the image has it when nothing names a version", () => {
    const found = detectToolchain({ names: ["package-lock.json"], packageJson: "{}" });
    expect(found).toMatchObject({ manager: "npm", version: null, turborepo: false });
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
    [
      "yarn by its name",
      ["yarn.lock"],
      { packageManager: "yarn@4.1.0" },
      "TOOLCHAIN_UNSUPPORTED",
      "package.json packageManager",
    ],
    ["yarn by its lockfile", ["yarn.lock"], {}, "TOOLCHAIN_UNSUPPORTED", "yarn.lock"],
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
    expect(() => detectToolchain({ names, packageJson: manifest(value) })).toThrow(
      expect.objectContaining({ code, place, exitCode: 2 }) as Error,
    );
  });

  it("names cargo as not supported yet", () => {
    expect(() => detectToolchain({ names: ["Cargo.toml"], packageJson: undefined })).toThrow(
      /cargo is not supported yet/,
    );
  });

  it("says that package.json is not JSON", () => {
    expect(() => detectToolchain({ names: [], packageJson: "{" })).toThrow(
      expect.objectContaining({ code: "PACKAGE_JSON_INVALID" }) as Error,
    );
  });
});
