import { afterAll, beforeAll, expect, it } from "vitest";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Evidence } from "../../src/model/evidence.ts";
import { sarifErrors } from "../support/sarif-schema.ts";
import { repositoryOf, type Repository } from "./support/repository.ts";

let repository: Repository;

beforeAll(async () => {
  repository = await repositoryOf("tiny");
  await repository.write("greeting.js", 'export const greeting = () => "hello, wrong";\n');
  await repository.write("server.js", "const = ;\n");
  await repository.write("keys.js", `exports.key = "AKIAIOSFODNN7ABCDEFG";\n`);
  const config = await readFile(join(repository.path, "fairway.yaml"), "utf8");
  await repository.write("fairway.yaml", config.replace(/^checks: \[/m, "checks: [{ scan: secretlint }, "));
});
afterAll(() => repository[Symbol.asyncDispose]());

it("one check tells all that is wrong, not the first, with the command that repeats each alone", async () => {
  const { exitCode, stdout, output } = await repository.fairway("check");
  expect(exitCode, output).toBe(1);
  expect(stdout).toMatch(/^✗ +lint [^]*SyntaxError/m);
  expect(stdout).toMatch(/^✗ +unit [^]*hello, wrong/m);
  expect(stdout).toMatch(/^✗ +secretlint +[^]*at keys\.js:1/m);
  expect(output).toMatch(/secretlint, lint, unit failed; nothing was changed/);
  for (const name of ["lint", "unit", "secretlint"])
    expect(output).toContain(`npx fairway check --only ${name}\n`);
});

it("machines have the same as JSON and SARIF, also where it fails", async () => {
  const { exitCode, stdout, output } = await repository.fairway("check", "--json");
  expect(exitCode, output).toBe(1);
  const evidence = JSON.parse(stdout) as Evidence[];
  expect(evidence.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
    "secretlint fail",
    "lint fail",
    "unit fail",
  ]);
  const sarif = await repository.fairway("check", "--format", "sarif", "--out", "reports/found.sarif");
  expect(sarif.exitCode, sarif.output).toBe(1);
  const text = await readFile(join(repository.path, "reports/found.sarif"), "utf8");
  expect(sarifErrors(text)).toBeNull();
  expect(text).toContain('"uri":"keys.js"');
});

it("a change is judged by what it adds: what its base has too is old", async () => {
  const base = repository.commit("what is there");
  const same = await repository.fairway("check", "--base", base, "--only", "secretlint");
  expect(same.exitCode, same.output).toBe(0);
  expect(same.stdout).toContain("1 old");
  await repository.write("more.js", `exports.other = "AKIAIOSFODNN7ABCDEFH";\n`);
  const more = await repository.fairway("check", "--base", base, "--only", "secretlint");
  expect(more.exitCode, more.output).toBe(1);
  expect(more.stdout).toMatch(/1 old[^]*at more\.js:1/);
  expect(more.stdout).not.toContain("at keys.js");
  expect(more.output).toContain(`npx fairway check --base ${base} --only secretlint`);
});
