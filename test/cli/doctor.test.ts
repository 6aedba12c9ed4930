import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-doctor-"));
  await mkdir(join(directory, ".git"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

interface Report {
  readonly ok: boolean;
  readonly findings: readonly {
    name: string;
    state: string;
    needed: boolean;
    text: string;
    remedy?: string;
  }[];
}

function doctor(variables: Readonly<Record<string, string>> = {}, ...flags: readonly string[]) {
  const { status, stdout } = spawnSync(process.execPath, [join(root, "bin/fairway.js"), "doctor", ...flags], {
    cwd: directory,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: directory, ...variables },
  });
  return { status, stdout };
}

test("says of each thing whether it is there, and what to do where it is not", () => {
  const { status, stdout } = doctor({}, "--json");
  const report = JSON.parse(stdout) as Report;
  expect(report.findings.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "Node",
      "npm",
      "git",
      "sandbox",
      "limits",
      "disk",
      "Dagger SDK",
      "PostgreSQL",
      "fairway.yaml",
      "module",
      "Dagger engine",
    ]),
  );
  for (const { state, remedy } of report.findings) if (state === "missing") expect(remedy).toBeTruthy();
  expect(status).toBe(report.ok ? 0 : 1);
});

test("ends with 1 when something is missing that the embedded engine needs", () => {
  const { status, stdout } = doctor({ PATH: directory });
  expect(stdout).toMatch(/✗ missing {2}npm +not in PATH/);
  expect(stdout).toContain("The embedded engine cannot run here:");
  expect(status).toBe(1);
});

test("reads fairway.yaml, and shows what is wrong with it where it stands", async () => {
  await writeFile(join(directory, "fairway.yaml"), "name: x\nenvironments:\n  local: { target: moon }\n");
  const { findings } = JSON.parse(doctor({}, "--json").stdout) as Report;
  const config = findings.find(({ name }) => name === "fairway.yaml");
  expect(config?.state).toBe("invalid");
  expect(`${config?.text ?? ""}\n${config?.remedy ?? ""}`).toContain("fairway.yaml");
});

test("works where the team's module is broken, and says what is wrong with it", async () => {
  await writeFile(join(directory, "dagger.json"), '{ "name": "x", "sdk": { "source": "typescript" } }');
  const { findings } = JSON.parse(doctor({}, "--json").stdout) as Report;
  expect(findings.find(({ name }) => name === "module")).toMatchObject({ state: "missing" });
});
