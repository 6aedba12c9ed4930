import { expect, test } from "vitest";
import { parseChallenges } from "../../src/oci/challenge.ts";

test.each([
  ['Basic realm="acme"', [{ scheme: "basic", parameters: { realm: "acme" } }]],
  ["Basic", [{ scheme: "basic", parameters: {} }]],
  [
    'Bearer realm="https://t.example/token",service="s",scope="repository:a/b:pull,push"',
    [
      {
        scheme: "bearer",
        parameters: { realm: "https://t.example/token", service: "s", scope: "repository:a/b:pull,push" },
      },
    ],
  ],
  [
    'Basic realm="x, y", BEARER realm=plain , error="a \\"quoted\\" word"',
    [
      { scheme: "basic", parameters: { realm: "x, y" } },
      { scheme: "bearer", parameters: { realm: "plain", error: 'a "quoted" word' } },
    ],
  ],
  ["", []],
  ['="', []],
])("reads %s", (header, challenges) => {
  expect(parseChallenges(header)).toEqual(challenges);
});
