import { expect, it } from "vitest";
import { refusalOf } from "../../../src/steps/scanners/licenses/terms.ts";

const deny = ["AGPL-3.0-only", "AGPL-3.0-or-later", "GPL-2.0-only"];

it.each([
  "AGPL-3.0",
  "AGPL-3.0+",
  "AGPL-3.0-only+",
  "(AGPL-3.0)",
  "MIT AND AGPL-3.0",
  "GPL-2.0-with-classpath-exception",
])("%s is denied by the name that SPDX has for it now", (license) => {
  expect(refusalOf(license, { deny })).toBe(`${license} is denied`);
});

it.each(["GPL-2.0+", "LGPL-3.0", "MIT OR AGPL-3.0", "GPL-2.0-or-later"])(
  "%s is none of those that are denied",
  (license) => {
    expect(refusalOf(license, { deny })).toBeUndefined();
  },
);

it("a team that writes the older name means the same", () => {
  expect(refusalOf("GPL-3.0-or-later", { deny: ["GPL-3.0+"] })).toContain("is denied");
  expect(refusalOf("GPL-3.0-only", { allow: ["GPL-3.0"] })).toBeUndefined();
});

it("a licence that is denied without a word on later versions is denied with them", () => {
  expect(refusalOf("AGPL-3.0-or-later", { deny: ["AGPL-3.0"] })).toContain("is denied");
  expect(refusalOf("AGPL-3.0-only", { deny: ["agpl-3.0"] })).toContain("is denied");
  expect(refusalOf("AGPL-3.0-or-later", { allow: ["AGPL-3.0"] })).toContain("not allowed");
});

it("what is allowed with its exception is not allowed without", () => {
  const allow = ["GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0"];
  expect(refusalOf("MIT OR GPL-2.0", { allow })).toContain("is not allowed");
  for (const license of ["GPL-2.0-with-classpath-exception", "GPL-2.0 WITH Classpath-exception-2.0"])
    expect(refusalOf(`(${license})`, { allow })).toBeUndefined();
});
