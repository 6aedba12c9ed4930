import { expect, it } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { readEach } from "../../src/delivery/environments.ts";
import { failure } from "../../src/model/errors.ts";
import { placesText, reachOf, reachOfDatabase } from "../../src/delivery/migrations.ts";
import type { PlannedMigration } from "../../src/model/plan.ts";

const data: PlannedMigration = { name: "2_data", phase: "unknown" };
const never = { environment: "local", hasServed: false, appliedMigrations: [] };
const serving = { environment: "staging", hasServed: true, appliedMigrations: [data] };

it("where no environment has ever served, there is no live code that a migration could break", () => {
  expect(reachOf([never], [])).toMatchObject({ firstDeploy: true, applied: [] });
});

it("a migration that one environment has is known by it; others are beside live code", () => {
  const reach = reachOf([never, serving], []);
  expect(reach).toMatchObject({ firstDeploy: false, applied: ["2_data"] });
  expect(reach.places.get("2_data")).toEqual(["staging"]);
});

it("an environment that could not be asked may serve, and so may one of none", () => {
  expect(reachOf([never], ["staging"]).firstDeploy).toBe(false);
  expect(reachOf([], []).firstDeploy).toBe(false);
});

it("one whose ledger has no place yet has no live code: it holds nothing", () => {
  expect(reachOf([never], [], ["staging"])).toMatchObject({ firstDeploy: true, notYet: ["staging"] });
  expect(reachOf([], [], ["staging"]).firstDeploy).toBe(false);
});

it("a live database says itself what it has; only an empty one is used by nobody", () => {
  const ledgers = reachOf([never], []);
  const live = { applied: ["1_first"], schema: ["CREATE TABLE a ()"] };
  const reach = reachOfDatabase(ledgers, { ...live, isEmpty: false });
  expect(reach).toMatchObject({ firstDeploy: false, ...live });
  expect(placesText(reach.places.get("1_first"), "the database")).toBe("in the database");
  expect(placesText(reach.places.get("2_data"), "the database")).toBe("not in the database");
  expect(reachOfDatabase(ledgers, { ...live, isEmpty: true }).firstDeploy).toBe(true);
  expect(reachOfDatabase(reachOf([serving], []), { ...live, isEmpty: true }).firstDeploy).toBe(false);
});

it("a migration is nowhere only where every environment was asked", () => {
  expect(placesText(["staging", "local"])).toBe("in staging, local");
  expect(placesText([])).toBe("in no environment");
  expect(placesText(undefined, "production")).toBe("not in production");
});

it("what cannot be read is told once for all that it is the same with", async () => {
  const notes: string[] = [];
  const delivery = { progress: { note: (text: string) => notes.push(text) } } as unknown as Delivery;
  const why: Readonly<Record<string, string>> = {
    staging: "LEDGER_NOWHERE",
    production: "LEDGER_NOWHERE",
    other: "LOST",
  };
  const answer = await readEach(delivery, ["local", ...Object.keys(why)], async (name) => {
    const code = why[name];
    if (code !== undefined) throw failure(`the ledger: ${code}`, { code });
    return name;
  });
  expect(answer).toEqual({ found: ["local"], unread: ["other"], notYet: ["staging", "production"] });
  expect(notes).toEqual([
    "staging and production are not set up yet: the ledger: LEDGER_NOWHERE",
    "other cannot be looked at: the ledger: LOST",
  ]);
});
