import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeClientTypes } from "../../src/cli/module/client-types.ts";
import { mainObject } from "../../src/cli/module/manifest.ts";
import { scanModule, type ScanResult } from "../../src/cli/module/scan.ts";
import { findSdk } from "../../src/cli/module/sdk.ts";
import { moduleSourceFiles, readModuleSettings } from "../../src/cli/module/source-files.ts";

const root = fileURLToPath(new URL("./fixtures/harbor", import.meta.url));

describe("a module's manifest", () => {
  let scratch: string;
  let result: ScanResult;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), "fairway-scan-"));
    const settings = await readModuleSettings(join(root, "dagger.json"));
    const sdk = findSdk(root);
    result = await scanModule({
      name: settings.name,
      root,
      files: await moduleSourceFiles(root, settings),
      clientTypes: await writeClientTypes(sdk, scratch),
      sdk,
    });
  });
  afterAll(async () => {
    await rm(scratch, { recursive: true, force: true });
  });

  test("is read from the source by the SDK's scanner, without running it", async () => {
    const harbor = mainObject(result.manifest);
    await expect(`${JSON.stringify(harbor, null, 2)}\n`).toMatchFileSnapshot("./golden/harbor-manifest.snap");
    expect(result.warnings).toEqual([]);
  });

  test("holds what the scanner's own JSON lacks: cache policies and checks", () => {
    const functions = mainObject(result.manifest).functions;
    expect(functions.map(({ name, cache, isCheck }) => [name, cache, isCheck])).toContainEqual([
      "check",
      "never",
      true,
    ]);
    expect(functions.find(({ name }) => name === "password")?.cache).toBe("10s");
  });

  test("holds the members of enums with their words", () => {
    expect(result.manifest.enums["Berth"]?.members).toEqual([
      { name: "Roads", value: "roads", description: "In the open." },
      { name: "Basin", value: "basin", description: "Behind the wall." },
    ]);
  });

  test("is made without the files that dagger.json leaves out", async () => {
    const settings = await readModuleSettings(join(root, "dagger.json"));
    const files = await moduleSourceFiles(root, settings);
    expect(files.map((file) => file.slice(root.length + 1))).toEqual(["src/index.ts", "src/words.ts"]);
  });
});

describe("a module in this process", () => {
  test("is loaded, constructed and called, and its `dag` talks to the session", async () => {
    const script = fileURLToPath(new URL("./fixtures/call-harbor.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    const seen = JSON.parse(stdout) as Record<string, unknown>;
    expect(seen).toMatchObject({
      welcome: "welcome, Ada, to the basin with 2 shots",
      check: "v0.21.8main",
      cargo: ["x", "a.txt", "b.txt"],
      password: "hunter2".length,
    });
    expect(seen["queries"]).toContain('{ host { directory (path: "/x") { entries } } }');
  });

  test("raises a failed exec as ExecError and its own outcome as another class", async () => {
    const script = fileURLToPath(new URL("./fixtures/call-harbor.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    expect(JSON.parse(stdout)).toMatchObject({
      sink: { code: "D109", extensions: { exitCode: 3 } },
      pilot: {
        code: "D100",
        message: "the pilot is not here",
        extensions: { _type: "EXEC_ERROR", exitCode: 3 },
      },
    });
  });
});
