import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeClientTypes } from "../../src/cli/module/client-types.ts";
import { lintModule } from "../../src/cli/module/lint/lint.ts";
import { scanModule } from "../../src/cli/module/scan.ts";
import { findSdk } from "../../src/cli/module/sdk.ts";

const repository = join(import.meta.dirname, "../..");
const ci = join(repository, "examples/extended/ci");
const sdk = findSdk(repository);
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "fairway-extended-"));
});
afterAll(async () => {
  await rm(scratch, { recursive: true });
});

it("a team's module compiles against the public API", async () => {
  const settings = join(scratch, "tsconfig.json");
  const types = join(repository, "node_modules/@types");
  await writeFile(
    settings,
    JSON.stringify({
      extends: join(ci, "tsconfig.json"),
      compilerOptions: {
        paths: {
          "@fairway/sdk": [join(repository, "dist/index.d.ts")],
          "@fairway/sdk/testing": [join(repository, "dist/testing/testing.d.ts")],
          vitest: [join(repository, "node_modules/vitest/dist/index.d.ts")],
          "@dagger.io/dagger": [join(sdk, "dist/src/index.d.ts")],
        },
        typeRoots: [types],
        types: ["node"],
      },
      include: [join(ci, "src"), join(ci, "test")],
    }),
  );
  const { stdout, status } = spawnSync(join(repository, "node_modules/.bin/tsc"), ["-p", settings], {
    encoding: "utf8",
  });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});

it("a team's module has its own functions as commands, and nothing that a real engine would hide", async () => {
  const files = ["index.ts", "shop.ts"].map((name) => join(ci, "src", name));
  const clientTypes = await writeClientTypes(sdk, join(scratch, "types"));
  const { manifest, warnings } = await scanModule({ name: "shop", root: ci, files, clientTypes, sdk });
  expect(warnings).toEqual([]);
  const functions = manifest.objects[manifest.main]?.functions ?? [];
  expect(functions.map(({ name, cache, isCheck }) => ({ name, cache, isCheck }))).toEqual([
    { name: "check", cache: "never", isCheck: true },
    { name: "load", cache: null, isCheck: false },
    { name: "deploy", cache: "never", isCheck: false },
    { name: "rollback", cache: "never", isCheck: false },
    { name: "status", cache: "never", isCheck: false },
    { name: "down", cache: "never", isCheck: false },
  ]);
  // A lockfile names the package as it was published; the first install of a copy writes it.
  const problems = await lintModule({ root: ci, sdk, scratch: join(scratch, "lint") });
  expect(problems).toMatchObject([{ rule: "lockfile", place: "package.json:9" }]);
});
