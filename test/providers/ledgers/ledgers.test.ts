import { expect, it } from "vitest";
import { systemClock } from "../../../src/model/clock.ts";
import type { Ledger } from "../../../src/model/ledger.ts";
import {
  ledgerSecretNames,
  openLedger,
  type LedgerConfig,
  type LedgerContext,
} from "../../../src/providers/ledgers/ledgers.ts";

const context: LedgerContext = {
  clock: systemClock,
  secrets: {},
  sqlite: undefined,
  origin: async () => null,
  cacheDirectory: async () => "/nowhere",
};

const refusal = (config: unknown, changes: Partial<LedgerContext> = {}) =>
  openLedger(config as LedgerConfig, { ...context, ...changes }).catch((error: unknown) => error);

it("opens the ledger file of this machine, where there is one", async () => {
  const file = { kind: "sqlite" } as Ledger;
  expect(await openLedger("sqlite", { ...context, sqlite: async () => file })).toBe(file);
  expect(await refusal("sqlite")).toMatchObject({ code: "NEEDS_A_HOST", exitCode: 2 });
});

it("names the secrets that a ledger uses", () => {
  expect(ledgerSecretNames("sqlite")).toEqual([]);
  expect(ledgerSecretNames({ postgres: { url: "LEDGER_URL" } })).toEqual(["LEDGER_URL"]);
  expect(ledgerSecretNames({ git: { token: "LEDGER_TOKEN" } })).toEqual(["LEDGER_TOKEN"]);
});

it("refuses a kind that it does not know, and lists those that it knows", async () => {
  expect(await refusal({ mysql: {} })).toMatchObject({
    code: "LEDGER_KIND",
    exitCode: 2,
    remedy: expect.stringMatching(/sqlite.*postgres.*git/),
  });
});

it("says which secret has no value", async () => {
  const missing = { code: "SECRETS_MISSING", exitCode: 2, message: expect.stringContaining("LEDGER_") };
  expect(await refusal({ postgres: { url: "LEDGER_URL" } })).toMatchObject(missing);
  const git = { token: "LEDGER_TOKEN", url: "https://git.invalid/acme/shop.git" };
  expect(await refusal({ git })).toMatchObject(missing);
});

it("uses the repository's own remote where no other is named, and says when it cannot", async () => {
  const secrets = { LEDGER_TOKEN: "a-token" };
  const config = { git: { token: "LEDGER_TOKEN" } };
  expect(await refusal(config, { secrets })).toMatchObject({ code: "LEDGER_NOWHERE", exitCode: 2 });
  const origin = async () => "git@git.acme.dev:acme/shop.git";
  expect(await refusal(config, { secrets, origin })).toMatchObject({
    code: "LEDGER_URL",
    remedy: expect.stringContaining("https://git.acme.dev/acme/shop.git"),
  });
});
