import { describe, expect, it } from "vitest";
import {
  type Affected,
  affectedBy,
  affectedText,
  detectToolchain,
  packagesOf,
} from "../../../src/steps/steps.ts";
import { cratesFrom } from "../../../src/steps/affected/crates.ts";
import { fakeClient } from "../fake-client.ts";

const since = "1a2b3c4d".repeat(5);
const changedIn = (...paths: string[]) => ({ base: "origin/main", since, paths });

const workspace = {
  "package.json": JSON.stringify({ packageManager: "pnpm@10.0.0" }),
  "pnpm-lock.yaml": "",
  "pnpm-workspace.yaml": "packages: [apps/*, ./libs/**/, '!**/old']",
  ...Object.fromEntries(
    ["apps/api", "apps/old", "libs/ui", "libs/ui/icons", "docs"].map((name) => [
      `${name}/package.json`,
      "{}",
    ]),
  ),
};

async function affected(
  paths: readonly string[],
  files: Record<string, string> = workspace,
): Promise<Affected> {
  const { source } = fakeClient({ files });
  const toolchain = detectToolchain({ names: Object.keys(files), texts: files });
  const packages = await packagesOf(toolchain, source, () => Promise.reject(new Error("only for cargo")));
  return affectedBy(changedIn(...paths), packages);
}

describe("what was touched", () => {
  it("is the innermost package of each path", async () => {
    const found = await affected(["apps/api/src/a.ts", "libs/ui/b.ts", "libs/ui/icons/c.svg"]);
    expect(found.touched).toMatchObject({
      kind: "packages",
      directories: ["apps/api", "libs/ui", "libs/ui/icons"],
    });
    expect(affectedText(found)).toBe(
      "changed since origin/main (1a2b3c4): 3 files in apps/api, libs/ui, libs/ui/icons",
    );
  });

  it.each([
    ["a file of the root", "pnpm-lock.yaml"],
    ["a folder that is no package", "docs/readme.md"],
    ["a package that the workspace takes out again", "apps/old/a.ts"],
    ["a folder that begins like a package", "apps/api-docs/a.md"],
  ])("is everything for %s, and says so", async (_, path) => {
    const found = await affected(["apps/api/a.ts", path]);
    expect(affectedText(found)).toBe(
      `changed since origin/main (1a2b3c4): everything, as ${path} is in no package`,
    );
  });

  it("is everything where a name would be more than a name to a filter", async () => {
    const { touched } = await affected(["apps/api/a,b.ts"]);
    expect(touched).toEqual({ kind: "everything", why: '"apps/api/a,b.ts" cannot be named in a filter' });
  });

  it("is everything in a repository of one package, and nothing where nothing was changed", async () => {
    const one = { "package.json": "{}", "package-lock.json": "{}" };
    expect((await affected(["src/a.ts"], one)).touched).toMatchObject({ kind: "everything" });
    expect(affectedText(await affected([]))).toBe("nothing has changed since origin/main (1a2b3c4)");
  });

  it("counts the projects of nx that are no packages", async () => {
    const files = {
      "package.json": "{}",
      "package-lock.json": "",
      "nx.json": "{}",
      "apps/shop/project.json": "{}",
    };
    expect((await affected(["apps/shop/a.ts"], files)).touched).toMatchObject({ directories: ["apps/shop"] });
  });
});

describe("crates", () => {
  const crate = (name: string, directory: string, ...needs: string[]) => ({
    name,
    manifest_path: `/workspace/${directory}/Cargo.toml`.replace("//", "/"),
    dependencies: [{ path: null }, ...needs.map((need) => ({ path: `/workspace/${need}` }))],
  });
  const packages = cratesFrom(
    JSON.stringify({
      packages: [
        crate("tides", "", "crates/clock"),
        crate("clock", "crates/clock", "crates/zone"),
        crate("zone", "crates/zone"),
        crate("gauge", "crates/gauge"),
      ],
    }),
  );
  const touched = (...paths: string[]) => affectedBy(changedIn(...paths), packages).touched;

  it("come with all that depend on them, by way of others too", () => {
    expect(touched("crates/zone/src/lib.rs")).toMatchObject({ crates: ["clock", "tides", "zone"] });
    expect(touched("crates/gauge/src/lib.rs")).toMatchObject({ crates: ["gauge"] });
    expect(touched("src/main.rs")).toMatchObject({ crates: ["tides"], directories: ["."] });
  });

  it.each(["Cargo.lock", "Cargo.toml", "rust-toolchain.toml", ".cargo/config.toml", "clippy.toml"])(
    "are all touched by %s at the root",
    (path) => {
      expect(touched(path)).toMatchObject({ kind: "everything" });
    },
  );
});
