import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scrub, Scrubber } from "../../src/engine/scrub.ts";

/** The text as it comes out when it is written in pieces cut at these places. */
function inPieces(text: string, secrets: readonly string[], cuts: readonly number[]): string {
  const bytes = Buffer.from(text);
  const scrubber = new Scrubber(secrets);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const out = places.slice(1).map((end, index) => scrubber.write(bytes.subarray(places[index], end)));
  return Buffer.concat([...out, scrubber.end()]).toString();
}

describe("the scrubber", () => {
  it("replaces a secret wherever the stream is cut", () => {
    const text = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(
        text,
        text,
        fc.string({ minLength: 8, unit: "grapheme" }),
        fc.array(fc.nat()),
        (before, after, secret, cuts) => {
          const out = inPieces(`${before}${secret}${after}`, [secret], cuts);
          expect(out).not.toContain(secret);
          expect(out).toContain("***");
        },
      ),
    );
  });

  it("leaves a text without secrets as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.nat()), (text, cuts) => {
        expect(inPieces(text, ["\u0000never\u0000there"], cuts)).toBe(
          text.replaceAll("\u0000never\u0000there", "***"),
        );
      }),
    );
  });

  it("knows a secret that begins another", () => {
    for (let cut = 0; cut <= 12; cut++)
      expect(inPieces("<secret-long>", ["secret", "secret-long"], [cut])).toBe("<***>");
  });

  it.each([
    ["JSON-escaped", JSON.stringify('pass "word" \n line')],
    ["URL-encoded", `?p=${encodeURIComponent('pass "word" \n line')}`],
    ["base64", Buffer.from('user:pass "word" \n line!').toString("base64")],
    ["base64url", Buffer.from('pass "word" \n line').toString("base64url")],
  ])("knows the %s form", (_form, text) => {
    const out = scrub(text, ['pass "word" \n line']);
    expect(out).toContain("***");
    expect(out).not.toContain("word");
  });
});
