import { describe, expect, it } from "vitest";
import { envFileOf, variablesOf, withVariable } from "../../src/engine/env-file/env-file.ts";

const read = (text: string, environment: Record<string, string> = {}) =>
  Object.fromEntries(variablesOf(envFileOf(text), environment).map(({ name, value }) => [name, value]));

describe("an env file", () => {
  it("takes what has no sign of a shell as it is, and quotes off what has", () => {
    expect(read("A=a   b # c\nB=\"a   b\" # note\nC=a '$B'  c\nD=a\\ \\ b\nE=\nF=[\"x\", 'y']\n")).toEqual({
      ...{ A: "a   b # c", B: "a   b", C: "a $B c", D: "a  b", E: "", F: "[x, y]" },
    });
  });

  it("puts variables in, in any order, of the file before those of the session", () => {
    expect(
      read('A=$B-${C}\nB=b\nD=${NONE:-other}\nE="$HOME/x"\n', { C: "c", B: "no", HOME: "/root" }),
    ).toEqual({
      ...{ A: "b-c", B: "b", D: "other", E: "/root/x" },
    });
  });

  it("keeps the place of a name that is set again", () => {
    const file = withVariable(envFileOf("A=1\nB=2\nA=3\n"), "B", "4");
    expect(file.lines).toEqual(["A=3", "B=4"]);
  });

  it("refuses what nobody sets, circles, commands, open quotes, and comments that assign", () => {
    const fault = (text: string) => expect(() => read(text), text);
    fault("A=$NOBODY").toThrow("A: NOBODY: unbound variable");
    fault("A=$B\nB=$A").toThrow("circular dependency detected: A -> B -> A");
    fault("A=$(rm -rf /)").toThrow("no commands");
    fault("A=`id`").toThrow("no commands");
    fault('A="b').toThrow("without a closing");
    fault("# A=1").toThrow("not a bare assignment");
    fault("two words=1").toThrow("not a bare assignment");
  });
});
