import { describe, expect, it } from "vitest";
import { IgnoreFile, isIgnored } from "../../src/engine/files/gitignore.ts";
import { globber, selector } from "../../src/engine/files/patterns.ts";

describe("patterns of include and exclude", () => {
  it.each([
    [{ include: ["*.txt"] }, "a.txt", true],
    [{ include: ["*.txt"] }, "sub/a.txt", false],
    [{ include: ["**/*.txt"] }, "sub/deep/a.txt", true],
    [{ include: ["sub"] }, "sub/deep/a.txt", true],
    [{ exclude: ["node_modules/"] }, "node_modules/m/i.js", false],
    [{ exclude: ["**/node_modules"] }, "apps/api/node_modules/m", false],
    [{ exclude: ["*", "!sub"] }, "sub/a", true],
    [{ exclude: ["**", "!sub/c.txt"] }, "sub/c.txt", true],
    [{ include: ["**/*.txt"], exclude: ["sub/**"] }, "sub/a.txt", false],
    [{ include: ["a[0-9].txt"] }, "a7.txt", true],
  ])("%j on %s: %s", (selection, path, selected) => {
    expect(selector(selection).selects(path)).toBe(selected);
  });

  it("do not make a folder be read in which nothing can be selected", () => {
    expect(selector({ include: ["apps/*/package.json"] }).mayHold("apps/api")).toBe(true);
    expect(selector({ include: ["apps/*/package.json"] }).mayHold("packages")).toBe(false);
    expect(selector({ exclude: ["node_modules"] }).mayHold("node_modules")).toBe(false);
    expect(selector({ exclude: ["node_modules", "!node_modules/keep"] }).mayHold("node_modules")).toBe(true);
  });

  it("name the pattern that is broken", () => {
    expect(() => selector({ exclude: ["[a"] })).toThrow("[a");
    expect(() => globber("")).toThrow("empty pattern");
  });
});

describe(".gitignore", () => {
  const root = new IgnoreFile("", "*.log\n!keep.log\n/top\nnode_modules/\n# comment\n");
  it.each([
    ["x.log", false, true],
    ["in/y.log", false, true],
    ["keep.log", false, false],
    ["top", false, true],
    ["in/top", false, false],
    ["node_modules", true, true],
    ["node_modules", false, false],
  ])("%s (folder: %s) is ignored: %s", (path, isFolder, ignored) => {
    expect(isIgnored([root], path, isFolder)).toBe(ignored);
  });

  it("of a deeper folder has the last word", () => {
    expect(isIgnored([root, new IgnoreFile("in", "!y.log\n")], "in/y.log", false)).toBe(false);
  });
});
