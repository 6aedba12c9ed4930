import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { extendedExample, plantRefusedLicense, type ExtendedExample } from "./support/extended.ts";

let example: ExtendedExample;
beforeAll(async () => {
  example = await extendedExample();
});
afterAll(async () => {
  await example[Symbol.asyncDispose]();
});

it("a team's own functions are commands, beside those of the pipeline", async () => {
  const { stdout, exitCode } = await example.fairway("functions");
  expect(exitCode).toBe(0);
  const names = stdout.split("\n").map((line) => line.split(" ")[0]);
  expect(names).toEqual(expect.arrayContaining(["check", "load", "deploy", "rollback", "status", "down"]));
  expect(stdout).toMatch(/^load +Ask the shop for a price, many times at once, before it is anywhere$/m);
});

it("a team's own check passes, and fails where a package has a licence that is refused", async () => {
  const passed = await example.fairway("check", "--only", "licenses");
  expect(passed.exitCode, passed.output).toBe(0);
  expect(passed.stdout).toMatch(/licenses .*packages with an accepted licence: 0/);
  await plantRefusedLicense(example.path);
  const failed = await example.fairway("check", "--only", "licenses");
  expect(failed.exitCode, failed.output).toBe(1);
  expect(failed.output).toContain("licenses: a licence that is refused: lamp@2.0.0");
});

it("the team's unit tests pass without an engine", async () => {
  const vitest = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");
  const { stdout, stderr } = await example.node(vitest, "run", "--reporter", "json");
  expect(JSON.parse(stdout), stderr).toMatchObject({ success: true, numPassedTests: 8 });
});
