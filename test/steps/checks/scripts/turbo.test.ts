import { describe, expect, it } from "vitest";
import { turboCall, turboFailures } from "../../../../src/steps/checks/scripts/turbo.ts";
import { detectToolchain } from "../../../../src/steps/toolchains/toolchains.ts";

function callOf(scripts: Record<string, string>, files: Record<string, string> = { "turbo.json": "{}" }) {
  const texts = {
    "package.json": JSON.stringify({ packageManager: "pnpm@10.34.9", scripts }),
    "pnpm-lock.yaml": "",
    ...files,
  };
  return turboCall(detectToolchain({ names: Object.keys(texts), texts }), "lint");
}

describe("a script that is one call of turbo", () => {
  it.each([
    ["turbo run lint", { task: "lint", flags: [] }],
    [" turbo run lint:strict  --concurrency=4 ", { task: "lint:strict", flags: ["--concurrency=4"] }],
  ])("is known by its task: %s", (script, call) => {
    expect(callOf({ lint: script })).toEqual(call);
  });

  it.each([
    "eslint .",
    "turbo lint",
    "turbo run",
    "turbo run lint typecheck",
    "turbo run lint --concurrency 4",
    "turbo run lint -- --fix",
    "turbo run lint --continue",
    "turbo run lint && echo",
    "CI=1 turbo run lint",
    "turbo run lint --filter='...[main]'",
  ])("is nothing else: %s", (script) => {
    expect(callOf({ lint: script })).toBeUndefined();
  });

  it("has nothing before or after it, and a turbo that the package manager puts into node_modules", () => {
    expect(callOf({ lint: "turbo run lint", prelint: "true" })).toBeUndefined();
    expect(callOf({ lint: "turbo run lint", postlint: "true" })).toBeUndefined();
    expect(callOf({ lint: "turbo run lint" }, {})).toBeUndefined();
  });
});

describe("what turbo printed of a run that failed", () => {
  it("is told by task, each package's part", () => {
    const failures = turboFailures(
      [
        "@r/a:lint: src/a.ts:3 no floating promises",
        "b:lint: fine",
        "b:test: 1 of 3 failed",
        "@r/a:test: fine",
        "@r/c:lint: src/c.ts:9 unused",
        " Tasks:    1 successful, 5 total",
        "Failed:    @r/a#lint, b#test, @r/c#lint",
        "",
        "@r/a#lint: command (/workspace/packages/a) pnpm run lint exited (3)",
      ].join("\n"),
    );
    expect(Object.fromEntries(failures)).toEqual({
      lint: {
        packages: ["@r/a", "@r/c"],
        output: [
          "@r/a:lint: src/a.ts:3 no floating promises",
          "@r/a#lint: command (/workspace/packages/a) pnpm run lint exited (3)",
          "@r/c:lint: src/c.ts:9 unused",
        ].join("\n"),
      },
      test: { packages: ["b"], output: "b:test: 1 of 3 failed" },
    });
  });

  it("is nobody's where it did not come to say which task failed", () => {
    expect(turboFailures(" ERROR  unexpected value for '--continue' found").size).toBe(0);
    expect(turboFailures("").size).toBe(0);
  });
});
