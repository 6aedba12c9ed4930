import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { functionTable, plainStyle } from "../../src/cli/commands/help.ts";
import type { FunctionCall } from "../../src/cli/commands/invocation.ts";
import { parseCommandLine } from "../../src/cli/commands/program.ts";
import { surplusWords } from "../../src/cli/commands/refusals.ts";
import type { Manifest, ObjectDefinition } from "../../src/cli/module/manifest.ts";
import type { FairwayError } from "../../src/model/errors.ts";

const harbor = JSON.parse(
  await readFile(new URL("../module/golden/harbor-manifest.snap", import.meta.url), "utf8"),
) as ObjectDefinition;
const berths = [
  { name: "Roads", value: "roads", description: "" },
  { name: "Basin", value: "basin", description: "" },
];
const forms = ["text", "json", "markdown"].map((name) => ({ name, value: name, description: "" }));
const tally = {
  ...harbor.functions[2]!,
  ...{ name: "tally", member: "tally", returns: { kind: "string" as const } },
  arguments: [
    {
      ...harbor.functions[2]!.arguments[0]!,
      ...{ name: "format", member: "format", type: { kind: "enum" as const, name: "Form" }, optional: true },
    },
  ],
};
/** The harbor fixture, with a function that is named like a command of the host, and one that answers in several forms. */
const manifest: Manifest = {
  schema: 2,
  main: "Harbor",
  description: "",
  objects: {
    Harbor: {
      ...harbor,
      functions: [
        ...harbor.functions,
        { ...harbor.functions[2]!, name: "logs", member: "logs", description: "The ship's log." },
        tally,
      ],
    },
  },
  enums: {
    Berth: { name: "Berth", description: "", members: berths },
    Form: { name: "Form", description: "", members: forms },
  },
};
const context = { manifest, version: "1.2.3", style: plainStyle };

const parse = (line: string) =>
  parseCommandLine(
    line.split(" ").filter((word) => word !== ""),
    context,
  );
const call = (line: string) => parse(line) as FunctionCall;
const refusal = (line: string): Pick<FairwayError, "message" | "exitCode" | "remedy"> => {
  try {
    parse(line);
  } catch (error) {
    return error as FairwayError;
  }
  throw new Error(`${line} was taken`);
};

describe("a function is a command", () => {
  test("whose arguments are flags of their types", () => {
    const { values } = call("welcome --name Ada --guns 3 --loud");
    expect(values).toEqual({ name: "Ada", guns: 3, loud: true });
  });

  test("whose defaults are left to the code", () => {
    expect(call("welcome --name Ada").values).toEqual({ name: "Ada" });
  });

  test("whose booleans can be switched off", () => {
    expect(call("welcome --name Ada --loud=false").values["loud"]).toBe(false);
  });

  test("whose enums are given by member, in any case, and received by value", () => {
    expect(call("welcome --name Ada --berth ROADS").values["berth"]).toBe("roads");
    expect(call("welcome --name Ada --berth=Basin").values["berth"]).toBe("basin");
  });

  test("whose lists are repeated flags, or parted by commas", () => {
    expect(call("cargo --only a,b --only c").values["only"]).toEqual(["a", "b", "c"]);
  });

  test("with the constructor's flags before or after its name", () => {
    expect(call("--ref main welcome --name Ada").constructorValues).toEqual({ ref: "main" });
    expect(call("welcome --name Ada --ref main").constructorValues).toEqual({ ref: "main" });
    expect(call("--ref main welcome --name Ada --ref next").constructorValues).toEqual({ ref: "next" });
  });

  test("with the command line's own flags before or after its name", () => {
    for (const line of [
      "--engine embedded --json check",
      "check --engine embedded --json",
      "call --json check --engine embedded",
    ]) {
      expect(call(line).options).toEqual({
        engine: "embedded",
        images: "auto",
        progress: "auto",
        json: true,
      });
    }
  });

  test("with further words for what it answers", () => {
    expect(call("ship export --path out").chain).toEqual(["export", "--path", "out"]);
  });
});

describe("an answer in several forms", () => {
  test.each([
    ["tally", undefined, false],
    ["tally --json", "json", true],
    ["tally --json --format json", "json", true],
    ["tally --format markdown", "markdown", false],
    ["tally --out tally", "json", false],
    ["tally --out tally.json", "json", false],
    ["tally --out TALLY.MD", "markdown", false],
    ["tally --output tally.txt", "text", false],
    ["tally --format markdown --out tally.json", "markdown", false],
    ["tally --json --out tally.dat", "json", true],
  ])("%s is one in %s", (line, format, json) => {
    const { values, options } = call(line);
    expect([values["format"], options.json]).toEqual([format, json]);
  });

  test("goes to one file, however often that is said", () => {
    expect(call("tally --out a.json --output a.json").options.out).toBe("a.json");
  });
});

describe("a function that is named like a command of the host", () => {
  test("is what `call` calls", () => {
    expect(call("call logs")).toMatchObject({ kind: "function", definition: { member: "logs" } });
  });

  test("leaves the command its name", () => {
    expect(parse("logs --env local")).toMatchObject({ kind: "host", name: "logs", values: { env: "local" } });
  });
});

describe("words that are wrong are usage errors (2)", () => {
  test.each([
    ["wellcome", "unknown command wellcome (did you mean welcome?)", "npx fairway --help"],
    ["call wellcome", "unknown command wellcome (did you mean welcome?)", "npx fairway call --help"],
    ["welcome --nmae Ada", "unknown flag --nmae (did you mean --name?)", "npx fairway welcome --help"],
    ["welcome", "the flag --name must be given", "npx fairway welcome --help"],
    ["welcome --name", "--name needs a value", "npx fairway welcome --help"],
    [
      "welcome --name A --guns many",
      "--guns cannot be 'many': a whole number is needed",
      "npx fairway welcome --help",
    ],
    [
      "welcome --name A --berth sea",
      "--berth cannot be 'sea': one of Roads, Basin is needed",
      "npx fairway welcome --help",
    ],
    [
      "check --images none",
      "--images cannot be 'none': one of auto, pull, host is needed",
      "npx fairway check --help",
    ],
    [
      "check --engine docker",
      "--engine cannot be 'docker': one of auto, dagger, embedded is needed",
      "npx fairway check --help",
    ],
    ["logs", "the flag --env must be given", "npx fairway logs --help"],
    [
      "tally --json --format markdown",
      "--json is --format json, and --format markdown was given beside it",
      "Leave out one of them.",
    ],
    [
      "tally --out tally.html",
      "tally cannot be written as html, which tally.html asks for by its ending",
      "Name a .json file, or say which of these it is: --format text,json,markdown",
    ],
    [
      "tally --out a.json --out b.json",
      "the answer goes to one file, and a.json and b.json were named",
      "Leave one --out; what is asked for in two forms is asked for twice.",
    ],
    [
      "check lint unit",
      "check takes no further words: lint unit",
      "Arguments have names. All of them:\nnpx fairway check --help",
    ],
  ])("%s", (line, message, remedy) => {
    expect(refusal(line)).toMatchObject({ message, remedy, exitCode: 2 });
  });
});

test("words that nobody reads are shown as the flag that they may have been meant for", () => {
  const check = new Command("check").option("--only <names>").option("--env <name>");
  expect(surplusWords(check, ["lint", "unit"])).toMatchObject({
    remedy: expect.stringContaining("such as --only lint,unit.") as string,
  });
});

describe("help", () => {
  const text = (line: string) => {
    const invocation = parse(line);
    return invocation.kind === "print" ? invocation.text : "";
  };

  test("of the program lists functions, commands and options", async () => {
    await expect(text("--help")).toMatchFileSnapshot("./golden/help.txt");
    expect(text("")).toBe(text("--help"));
    expect(text("help")).toBe(text("--help"));
  });

  test("of a function lists its arguments with their members, defaults and what is required", async () => {
    await expect(text("welcome --help")).toMatchFileSnapshot("./golden/help-welcome.txt");
    expect(text("help welcome")).toBe(text("welcome --help"));
    expect(text("welcome --name Ada -h")).toBe(text("welcome --help"));
  });

  test("of a command lists its flags", async () => {
    await expect(text("logs --help")).toMatchFileSnapshot("./golden/help-logs.txt");
  });

  test("fits the terminal", () => {
    for (const width of [48, 60, 80]) {
      const invocation = parseCommandLine(["--help"], { ...context, style: { ...plainStyle, width } });
      const lines = invocation.kind === "print" ? invocation.text.split("\n") : [];
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(width);
    }
  });

  test("`functions` is a table of two columns", async () => {
    await expect(functionTable(context)).toMatchFileSnapshot("./golden/functions.txt");
  });

  test("--version prints the version alone", () => {
    expect(text("--version")).toBe("1.2.3\n");
  });
});
