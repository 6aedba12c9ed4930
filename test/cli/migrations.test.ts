import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { plainStyle } from "../../src/cli/commands/help.ts";
import type { FunctionCall } from "../../src/cli/commands/invocation.ts";
import { parseCommandLine } from "../../src/cli/commands/program.ts";
import type { Manifest } from "../../src/cli/module/manifest.ts";
import { paintedReview } from "../../src/cli/outcome/paint.ts";
import { colours } from "../../src/cli/terminal.ts";
import { root } from "./yard.ts";
import { shell } from "../support/shell.ts";

let scratch: string;
let directory: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "fairway-migrations-"));
  directory = join(scratch, "team");
  await mkdir(join(directory, "db/migrations"), { recursive: true });
  const write = (name: string, sql: string) => writeFile(join(directory, "db/migrations", name), sql);
  await write("001_users.sql", "CREATE TABLE users (id bigint PRIMARY KEY, email text);\n");
  await write("002_index.sql", "CREATE INDEX users_email ON users (email);\n");
});
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

function fairway(...words: readonly string[]) {
  const env = { ...shell, HOME: scratch, FAIRWAY_CACHE_DIR: join(scratch, "cache") };
  const bin = join(root, "bin/fairway.js");
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [bin, ...words], { cwd: directory, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

it("a directory of SQL without fairway.yaml is reviewed: what is grave ends with 1, and the report is the answer", async () => {
  const { code, stdout, stderr } = await fairway("migrations");
  expect({ code, stderr }).toMatchObject({ code: 1 });
  expect(stdout).toContain("db/migrations/002_index.sql");
  expect(stdout).toContain("index-not-concurrent");
  expect(stdout).not.toContain("\u001b");
  expect(stderr).toContain("002_index has critical or high findings that nobody allowed (1 of 2)");
});

it("a report that ends with 1 is written to the file that was named", async () => {
  const file = join("db", "migrations", "002_index.sql");
  const { code, stdout } = await fairway(
    "migrations",
    "--file",
    file,
    "--format",
    "sarif",
    "-o",
    "out.sarif",
  );
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(JSON.parse(await readFile(join(directory, "out.sarif"), "utf8"))).toMatchObject({
    version: "2.1.0",
  });
});

it("--explain without a name is about all rules, wherever it stands", async () => {
  const manifest = JSON.parse(await readFile(join(root, "dist/manifest.json"), "utf8")) as Manifest;
  const valueIn = (...words: readonly string[]) => {
    const call = parseCommandLine(words, { manifest, version: "1.0.0", style: plainStyle });
    return (call as FunctionCall).values["explain"];
  };
  expect(valueIn("migrations", "--explain")).toBe("all");
  expect(valueIn("call", "migrations", "--explain", "--json")).toBe("all");
  expect(valueIn("migrations", "--explain", "drop-column")).toBe("drop-column");
});

it("a terminal shows severities in colours, and the same words", () => {
  const text = "  line 1    DROP TABLE a\n    critical  drop-table: gone\n    low       x-y: critical  z: w";
  const painted = paintedReview(text, colours(true));
  expect(painted.split("\u001b[31m").length).toBe(2);
  // eslint-disable-next-line no-control-regex -- they are what a terminal obeys
  expect(painted.replace(/\u001b\[\d+m/g, "")).toBe(text);
  expect(paintedReview(text, colours(false))).toBe(text);
});
