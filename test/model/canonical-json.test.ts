import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson, hashOf, type Json } from "../../src/model/canonical-json.ts";

it("sorts keys by UTF-16 code units and writes numbers as ECMAScript does (the examples of RFC 8785)", () => {
  const value = {
    "\u20ac": "Euro",
    "\r": "CR",
    "\ufb33": "Hebrew",
    "1": "One",
    "\ud83d\ude00": "Smiley",
    "\u0080": "C",
    "\u00f6": "o",
  };
  expect(Object.values(JSON.parse(canonicalJson(value)) as object)).toBeDefined();
  expect([...canonicalJson(value).matchAll(/:"(\w+)"/g)].map((match) => match[1])).toEqual([
    "CR",
    "One",
    "C",
    "o",
    "Euro",
    "Smiley",
    "Hebrew",
  ]);
  expect(canonicalJson([333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001])).toBe(
    "[333333333.3333333,1e+30,4.5,0.002,1e-27]",
  );
});

it("hashes equal values equally, whatever the order of their keys", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(hashOf(reversed as Json)).toBe(hashOf(value as Json));
      expect(JSON.parse(canonicalJson(value as Json))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it("refuses what JSON cannot say", () => {
  expect(() => canonicalJson(Number.NaN)).toThrow("not a JSON number");
});
