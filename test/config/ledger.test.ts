import { expect, it } from "vitest";
import { ledger } from "../../src/config/ledger.ts";

const refusals = (input: unknown) => {
  const answer = ledger.safeParse(input);
  return answer.success ? [] : answer.error.issues.map(({ message }) => message);
};

it("is a file, a database, or a ref of a repository", () => {
  expect(ledger.parse("sqlite")).toBe("sqlite");
  expect(ledger.parse({ postgres: { url: "LEDGER_URL" } })).toEqual({
    postgres: { url: "LEDGER_URL", schema: "fairway" },
  });
  expect(ledger.parse({ git: { token: "LEDGER_TOKEN" } })).toEqual({
    git: { token: "LEDGER_TOKEN", ref: "refs/fairway/ledger" },
  });
  const git = {
    url: "https://git.acme.dev/acme/ledger.git",
    ref: "refs/heads/ledger",
    token: "T",
    username: "oauth2",
  };
  expect(ledger.parse({ git })).toEqual({ git });
});

it("names the kinds when another is asked for", () => {
  expect(refusals("mysql")).toEqual(["must be sqlite, postgres: { url: SECRET }, or git: { token: SECRET }"]);
});

it.each([
  ["a URL where the name of a secret belongs", { postgres: { url: "postgresql://u:p@db/shop" } }],
  ["a token in the address", { git: { url: "https://x:token@git.acme.dev/acme/shop.git", token: "T" } }],
  ["an address for ssh", { git: { url: "git@git.acme.dev:acme/shop.git", token: "T" } }],
  ["a token in the clear", { git: { url: "http://git.acme.dev/acme/shop.git", token: "T" } }],
  ["no token", { git: {} }],
  ["a short name of a ref", { git: { token: "T", ref: "ledger" } }],
  ["a key that it does not know", { git: { token: "T", branch: "main" } }],
])("refuses %s", (_, input) => {
  expect(refusals(input)).not.toEqual([]);
});
