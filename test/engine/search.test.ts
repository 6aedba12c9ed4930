import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expressionOf } from "../../src/engine/search/expression.ts";
import { searchFile } from "../../src/engine/search/search.ts";
import { refusalOf, testEngine, type TestEngine } from "./support/engine.ts";

const form = { literal: false, insensitive: false, multiline: false, dotall: false };
const finds = (pattern: string, text: string) =>
  Array.from(text.matchAll(expressionOf({ ...form, pattern })), ([found]) => found);

describe("a regular expression of ripgrep", () => {
  it("means the same here: classes, words, ends of lines, names and codes", () => {
    expect(finds(String.raw`\w+`, "naïve, 東京")).toEqual(["naïve", "東京"]);
    expect(finds(String.raw`\bé\w*\b`, "été café")).toEqual(["été"]);
    expect(finds(String.raw`^\d+$`, "1\n22\r\n3")).toEqual(["1", "3"]);
    expect(finds("a.c", "a\rc a\nc")).toEqual(["a\rc"]);
    expect(finds("(?P<year>[0-9]{4})-(?:0[1-9]|1[0-2])", "2026-11 2026-13")).toEqual(["2026-11"]);
    expect(finds(String.raw`[[:upper:]_\-]+`, "A_B-c")).toEqual(["A_B-"]);
    expect(finds(String.raw`\x{41}\x42[&#~]`, "AB& AB#")).toEqual(["AB&", "AB#"]);
    expect(finds(String.raw`\{\}\[\]}`, "{}[]}")).toEqual(["{}[]}"]);
  });

  it("is refused where the other has it and JavaScript reads it otherwise, or the other way round", () => {
    for (const pattern of [
      "(?i)a",
      "(?=a)",
      "(?<!a)b",
      String.raw`(a)\1`,
      "[a&&b]",
      "[[a]b]",
      String.raw`\<a`,
    ])
      expect(() => expressionOf({ ...form, pattern }), pattern).toThrow(/does not support/);
  });
});

describe("a search", () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  it("counts offsets in bytes, and lines from one", async () => {
    await engine.with(async (dag) => {
      const [found] = await dag.file("f", "é\nüber: x\n").search("x");
      const [part] = (await found?.submatches()) ?? [];
      expect([await found?.lineNumber(), await found?.absoluteOffset(), await found?.matchedLines()]).toEqual(
        [...[2, 3, "über: x\n"]],
      );
      expect([await part?.start(), await part?.end(), await part?.text()]).toEqual([7, 8, "x"]);
    });
  });

  it("over several lines joins matches that touch", async () => {
    await engine.with(async (dag) => {
      const found = await dag
        .file("f", "a\nb\na\nb\nc\na\nb\n")
        .search(String.raw`a\nb`, { multiline: true });
      const lines = await Promise.all(found.map((each) => each.matchedLines()));
      expect(lines).toEqual(["a\nb\na\nb\n", "a\nb\n"]);
    });
  });

  it("takes globs with choices and exclusions, and skips what is binary", async () => {
    await engine.with(async (dag) => {
      let folder = dag.directory().withNewFile("bin.ts", "x\0");
      for (const path of ["a.ts", "b.js", "c.md", "out/d.ts"]) folder = folder.withNewFile(path, "x");
      const paths = async (globs: string[]) =>
        Promise.all((await folder.search({ pattern: "x", globs })).map((found) => found.filePath()));
      expect(await paths(["*.{ts,js}", "!out"])).toEqual(["a.ts", "b.js"]);
      expect(await paths(["!*.ts"])).toEqual(["b.js", "c.md"]);
    });
  });

  it("by an expression that takes exponential time is refused, and holds nobody up meanwhile", async () => {
    const options = { ...form, pattern: "(?:a+)+$", paths: [], globs: [], skipIgnored: false };
    const text = Buffer.from(`${"a".repeat(60)}!`);
    let turns = 0;
    const clock = setInterval(() => turns++, 5);
    const search = searchFile(
      "f",
      text,
      { ...options, skipHidden: false, filesOnly: false },
      { timeoutMs: 1000 },
    );
    expect((await refusalOf(search)).message).toMatch(/takes too long \(in f, .*does not support/s);
    clearInterval(clock);
    expect(turns).toBeGreaterThan(10);
  });

  it("is over when its session ends", async () => {
    const ending = await testEngine();
    const search = ending.with((dag) => dag.file("f", `${"a".repeat(60)}!`).search("(?:a+)+$"));
    const refused = refusalOf(search);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await ending[Symbol.asyncDispose]();
    expect((await refused).message).not.toBe("");
  });

  it("that would need the ignore files of a repository is refused", async () => {
    const asked = engine.with((dag) => dag.directory().search({ pattern: "x", skipIgnored: true }));
    expect((await refusalOf(asked)).message).toContain("skipIgnored");
  });
});
