import { relative } from "node:path";
import { describe, expect, test } from "vitest";
import { outcomeOf } from "../../src/cli/outcome/outcome.ts";
import { outcomeAsJson, tellOutcome } from "../../src/cli/outcome/tell.ts";
import { colours } from "../../src/cli/terminal.ts";
import { FairwayError, held, usageError } from "../../src/model/errors.ts";

/** As the SDK raises them. */
function engineError(code: "D100" | "D109", message: string, extensions?: Record<string, unknown>): Error {
  return Object.assign(new Error(message), { code, extensions });
}

describe("the exit code", () => {
  test("is the error's own for Fairway's errors, also of another copy of the package", () => {
    expect(outcomeOf(usageError("no such environment")).exitCode).toBe(2);
    expect(outcomeOf(held("waits for Monday")).exitCode).toBe(3);
    const foreign = Object.assign(new Error("rolled back"), { name: "FairwayError", code: "X", exitCode: 4 });
    expect(outcomeOf(foreign)).toMatchObject({ code: "X", exitCode: 4, unexpected: false });
  });

  test.each([2, 3, 4, 5, 127, 137, -1])("is 1 for a step that exits %i", (exitCode) => {
    const extensions = {
      _type: "EXEC_ERROR",
      cmd: ["sh", "-c", "x"],
      exitCode,
      stdout: "out",
      // Tools colour what no terminal shows.
      stderr: "\u001b[31mboom\u001b[39m",
    };
    expect(outcomeOf(engineError("D109", `exit code: ${String(exitCode)}`, extensions))).toMatchObject({
      code: "STEP_FAILED",
      exitCode: 1,
      place: "$ sh -c x",
      output: "out\nboom",
      unexpected: false,
    });
  });

  test("is 1 for what a module's own code throws, which is told with its place and is no fault of ours", () => {
    const thrown = Object.assign(new Error("no"), {
      stack: `Error: no\n    at JSON.parse (<anonymous>)\n    at node:internal/x:1:2\n    at Shop.build (/shop/ci/src/index.ts:12:5)`,
    });
    expect(outcomeOf(thrown)).toMatchObject({
      ...{ code: "FUNCTION_FAILED", exitCode: 1, unexpected: false },
      place: `${relative(process.cwd(), "/shop/ci/src/index.ts")}:12`,
    });
    const ours = Object.assign(new Error("no"), {
      stack: `Error: no\n    at bug (file:///shop/node_modules/@fairway/sdk/dist/bug.js:1:1)\n    at Shop.build (/shop/ci/src/index.ts:12:5)`,
    });
    expect(outcomeOf(ours)).toMatchObject({ code: "UNEXPECTED", unexpected: true });
  });

  test("of an instruction of a Dockerfile says where that stands", () => {
    const place = "Dockerfile:7 RUN npm ci";
    const extensions = { _type: "EXEC_ERROR", cmd: ["/bin/sh", "-c", "npm ci"], exitCode: 1, place };
    expect(outcomeOf(engineError("D109", "exit code: 1", extensions)).place).toBe(place);
  });

  test("of a step comes with both ends of its command, however long its script is", () => {
    const cmd = ["node", "-e", `\n${"await one(1);\n".repeat(50)}`, "/answer.json"];
    const { place } = outcomeOf(
      engineError("D109", "exit code: 1", { _type: "EXEC_ERROR", cmd, exitCode: 1 }),
    );
    expect(place).toMatch(/^\$ node -e await one\(1\); .*….*\/answer\.json$/);
    expect(place?.length).toBeLessThan(170);
  });

  test.each([1, 2, 3, 4, 5])("is %i where a module says so, with the words beside it", (exitCode) => {
    const extensions = {
      _type: "EXEC_ERROR",
      cmd: ["fairway"],
      exitCode,
      stdout: "",
      stderr: "approve with: ...",
    };
    expect(outcomeOf(engineError("D100", "HELD: production waits", extensions))).toMatchObject({
      code: "HELD",
      message: "production waits",
      exitCode,
      remedy: "approve with: ...",
    });
  });

  test("is the one of an error that the embedded engine passed on, told once", () => {
    const fairway = { code: "TOOL_MISSING", exitCode: 2, place: "Dockerfile:7", remedy: "install python3" };
    const error = engineError("D100", "python3 is not on this machine\ninstall python3", { fairway });
    expect(outcomeOf(error)).toMatchObject({
      code: "TOOL_MISSING",
      message: "python3 is not on this machine",
      exitCode: 2,
      place: "Dockerfile:7",
      remedy: "install python3",
    });
  });

  test("is 1 for what an engine refuses, without the engine's trace", () => {
    const error = engineError(
      "D100",
      "no such file [traceparent:0123456789abcdef0123456789abcdef-0123456789abcdef]",
    );
    expect(outcomeOf(error)).toMatchObject({ code: "ENGINE_REFUSED", message: "no such file", exitCode: 1 });
  });

  test.each([new TypeError("x is undefined"), "a string", undefined])(
    "is 1 for anything else, and says that it is unexpected",
    (error) => {
      expect(outcomeOf(error)).toMatchObject({ code: "UNEXPECTED", exitCode: 1, unexpected: true });
    },
  );
});

describe("the text", () => {
  const full = outcomeOf(
    new FairwayError("unit failed", {
      code: "CHECK",
      exitCode: 1,
      place: "checks.unit",
      output: "1 test failed\n",
      remedy: "repeat with:\nnpx fairway check --only unit",
    }),
  );

  test("has the sentence, the place, the step's own output, and last what to do", () => {
    expect(tellOutcome(full, colours(false), { error: undefined, on: false })).toBe(
      [
        "✗ error  unit failed",
        "  at checks.unit",
        "",
        "  │ 1 test failed",
        "",
        "  repeat with:",
        "  npx fairway check --only unit",
        "",
      ].join("\n"),
    );
  });

  test("commands no terminal, whoever wrote it: also where a colour inside of a command hid that", () => {
    const hostile = "\u001b[\u001b[0m2J\u009b2K\u202eover";
    const output = outcomeOf(
      engineError("D109", "exit code: 1", {
        _type: "EXEC_ERROR",
        cmd: [hostile],
        exitCode: 1,
        stderr: hostile,
      }),
    );
    for (const outcome of [output, outcomeOf(usageError(hostile, { place: hostile, remedy: hostile }))]) {
      // eslint-disable-next-line no-control-regex
      const commands = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;
      expect(tellOutcome(outcome, colours(false), { error: undefined, on: false })).not.toMatch(commands);
      expect(outcomeAsJson(outcome)).not.toMatch(commands);
    }
  });

  test("has a stack only under FAIRWAY_DEBUG=1", () => {
    const error = new TypeError("x is undefined");
    const outcome = outcomeOf(error);
    expect(tellOutcome(outcome, colours(false), { error, on: false })).toContain("FAIRWAY_DEBUG=1");
    expect(tellOutcome(outcome, colours(false), { error, on: false })).not.toContain("outcome.test.ts");
    expect(tellOutcome(outcome, colours(false), { error, on: true })).toContain("outcome.test.ts");
  });

  test("is one JSON object for machines", () => {
    expect(JSON.parse(outcomeAsJson(full))).toEqual({
      error: {
        code: "CHECK",
        message: "unit failed",
        exitCode: 1,
        place: "checks.unit",
        remedy: "repeat with:\nnpx fairway check --only unit",
        output: "1 test failed\n",
      },
    });
  });
});
