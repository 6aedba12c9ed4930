import fc from "fast-check";
import { expect, test } from "vitest";
import { secretSpellings } from "../../src/model/secret-spellings.ts";

const value = fc
  .string({ unit: "grapheme", minLength: 5, maxLength: 40 })
  .filter((text) => text.trim().length >= 5 && text.isWellFormed());
const anything = fc.string({ unit: "grapheme", maxLength: 12 });
const isIn = (text: string, secret: string, form: string) =>
  secretSpellings(secret).some((each) => each.form === form && text.includes(each.text));

test("a value is recognised in the middle of any base64 text, of both alphabets", () => {
  fc.assert(
    fc.property(anything, value, anything, (before, secret, after) => {
      const bytes = Buffer.from(before + secret + after);
      expect(isIn(bytes.toString("base64"), secret, "base64")).toBe(true);
      const url = bytes.toString("base64url");
      expect(secretSpellings(secret).some(({ text }) => url.includes(text))).toBe(true);
    }),
  );
});

test("a value is recognised in JSON and in a URL", () => {
  fc.assert(
    fc.property(value, (secret) => {
      const spelled = (text: string) => secretSpellings(secret).some((each) => text.includes(each.text));
      expect(spelled(JSON.stringify({ a: secret }))).toBe(true);
      expect(spelled(`?x=${encodeURIComponent(secret)}`)).toBe(true);
      expect(
        spelled(new URLSearchParams({ x: secret.replace(/[^\w ]/g, "") }).toString()) ||
          /[^\w ]/.test(secret),
      ).toBe(true);
    }),
  );
});

test("a newline at the end of a file does not hide a value", () => {
  expect(isIn("TOKEN=hunter2hunter2 ", "hunter2hunter2\n", "plain")).toBe(true);
});

test("of a very short value only the plain form is looked for", () => {
  expect(secretSpellings("abcd")).toEqual([{ form: "plain", text: "abcd" }]);
});
