import { describe, expect, it } from "vitest";
import { ofCargo, ofCycloneDx, ofPnpm, ofYarn } from "../../../src/steps/scanners/licenses/listing.ts";
import { refusalOf } from "../../../src/steps/scanners/licenses/terms.ts";

describe("what may be used", () => {
  it.each([
    ["MIT", { allow: ["MIT"] }],
    ["MIT OR GPL-3.0-only", { allow: ["mit"] }],
    ["(MIT AND Apache-2.0)", { allow: ["MIT", "Apache-2.0"] }],
    ["MIT", { deny: ["GPL-3.0-only"] }],
    ["MIT OR GPL-3.0-only", { deny: ["GPL-3.0-only"] }],
    ["GPL-2.0-only WITH Classpath-exception-2.0", { allow: ["GPL-2.0-only WITH Classpath-exception-2.0"] }],
    ["SEE LICENSE IN LICENSE.md", { allow: ["SEE LICENSE IN LICENSE.md"] }],
  ])("%s by %j", (license, terms) => {
    expect(refusalOf(license, terms)).toBeUndefined();
  });

  it.each([
    ["GPL-3.0-only", { allow: ["MIT"] }, "GPL-3.0-only is not allowed"],
    ["MIT AND GPL-3.0-only", { deny: ["GPL-3.0-only"] }, "MIT AND GPL-3.0-only is denied"],
    ["GPL-2.0-only WITH Classpath-exception-2.0", { deny: ["GPL-2.0-only"] }, "is denied"],
    ["MIT", { allow: ["MIT"], deny: ["MIT"] }, "MIT is not allowed"],
    [undefined, { deny: ["MIT"] }, "its licence is not known"],
    ["UNLICENSED", { deny: ["MIT"] }, "its licence is not known: UNLICENSED"],
  ])("not %s by %j", (license, terms, words) => {
    expect(refusalOf(license, terms)).toContain(words);
  });
});

describe("what package managers list", () => {
  it("pnpm, by licence", () => {
    const text =
      '{"MIT":[{"name":"a","versions":["2.0.0","1.0.0"]}],"Unknown":[{"name":"b","versions":["1.0.0"]}]}';
    expect(ofPnpm(text)).toEqual([
      { ecosystem: "npm", name: "a", versions: ["1.0.0", "2.0.0"], license: "MIT" },
      { ecosystem: "npm", name: "b", versions: ["1.0.0"], license: undefined },
    ]);
    expect(ofPnpm("No licenses in packages found\n")).toEqual([]);
  });

  it("npm, as a bill of materials", () => {
    const components = [
      { group: "@a", name: "b", version: "1.0.0", licenses: [{ license: { id: "MIT" } }] },
      { name: "c", version: "1.0.0", licenses: [{ expression: "MIT OR ISC" }] },
      { name: "d", version: "1.0.0" },
    ];
    expect(ofCycloneDx(JSON.stringify({ components })).map(({ name, license }) => [name, license])).toEqual([
      ["@a/b", "MIT"],
      ["c", "MIT OR ISC"],
      ["d", undefined],
    ]);
  });

  it("yarn 1, as a table after its own words", () => {
    const table = {
      type: "table",
      data: {
        head: ["Name"],
        body: [
          ["a", "1.0.0", "MIT", "url"],
          ["b", "1.0.0", "UNKNOWN"],
        ],
      },
    };
    expect(ofYarn(`{"type":"info","data":"x"}\n${JSON.stringify(table)}\n`)).toMatchObject([
      { name: "a", license: "MIT" },
      { name: "b", license: undefined },
    ]);
  });

  it("cargo, without the repository's own crates", () => {
    const packages = [
      { name: "own", version: "0.1.0", license: null, source: null },
      { name: "time", version: "0.1.43", license: "MIT/Apache-2.0", source: "registry" },
    ];
    expect(ofCargo(JSON.stringify({ packages }))).toEqual([
      { ecosystem: "cargo", name: "time", versions: ["0.1.43"], license: "MIT OR Apache-2.0" },
    ]);
  });

  it.each([ofPnpm, ofCycloneDx, ofYarn, ofCargo])(
    "what is no listing is an error, and no empty list",
    (read) => {
      expect(() => read('{"components": 1, "packages": 2, "a": 3}')).toThrow("cannot be read");
    },
  );
});
