import { readFileSync } from "node:fs";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { FairwayError } from "../../../src/model/errors.ts";
import type { Plan } from "../../../src/model/plan.ts";
import { readPlanFile } from "../../../src/release/plan/plan-file.ts";
import { planHash } from "../../../src/release/plan/plan.ts";
import { planJsonSchema, type planSchema } from "../../../src/release/plan/schema.ts";
import { plannedChange } from "../../support/change.ts";

const plan = plannedChange();
const hash = planHash(plan);

/** What a text says once something in a sound plan is another value, as deep as JSON goes. */
function refusalOf(change: (plan: Draft) => void): FairwayError {
  const draft = structuredClone(plan) as unknown as Draft;
  change(draft);
  try {
    readPlanFile(JSON.stringify({ hash, plan: draft }));
  } catch (error) {
    return error as FairwayError;
  }
  throw new Error("it was read");
}

type Draft = Record<string, unknown> & {
  operations: Record<string, unknown>[];
  release: { services: Record<string, unknown>[] };
};

describe("a plan file", () => {
  it("is read as it was written", () => {
    expect(readPlanFile(JSON.stringify({ hash, plan, gates: [] }))).toEqual(plan);
  });

  it("may name its schema for an editor, and is the same plan", () => {
    const $schema = "node_modules/@fairway/sdk/plan.schema.json";
    expect(planHash(readPlanFile(JSON.stringify({ $schema, hash, plan })))).toBe(hash);
  });

  it.each<[string, (plan: Draft) => void, string]>([
    [
      "a value of another type",
      (plan) => (plan.operations[1]!["index"] = "first"),
      'plan.operations[1].index: must be a number, and is "first"',
    ],
    [
      "a kind of operation that nobody can carry out",
      (plan) => (plan.operations[1]!["kind"] = "replace-replicas"),
      'plan.operations[1].kind: "replace-replicas" is not possible here; did you mean replace-replica?',
    ],
    [
      "nothing where something belongs",
      (plan) => delete plan.release.services[0]!["image"],
      "plan.release.services[0].image: is missing: must be a text",
    ],
    ["what nobody would read", (plan) => (plan["note"] = "trust me"), "plan.note: unknown key"],
  ])("with %s is refused by its path", (_, change, words) => {
    const error = refusalOf(change);
    expect(error).toMatchObject({ code: "PLAN_UNREADABLE", exitCode: 2 });
    expect(error.message).toContain(words);
  });

  it("with several faults is refused with all of them", () => {
    const error = refusalOf((plan) => {
      plan["environment"] = null;
      plan["action"] = "promote";
    });
    expect(error.message).toContain("2 things in it are wrong");
    expect(error.output).toContain("plan.environment: must be a text, and is empty");
    expect(error.output).toContain('plan.action: "promote" is not possible here');
  });

  it("of a later Fairway is told apart from a broken one", () => {
    expect(refusalOf((plan) => (plan["schema"] = 2)).message).toContain("this version of Fairway reads 1");
  });

  it("of the right shape whose plan was changed is still refused", () => {
    expect(refusalOf((plan) => (plan["pipeline"] = "other"))).toMatchObject({ code: "PLAN_ALTERED" });
  });
});

describe("the shape of a plan", () => {
  it("is the model's type, no wider and no narrower", () => {
    expectTypeOf<z.output<typeof planSchema>>().toEqualTypeOf<Plan>();
  });

  it("is published as the committed plan.schema.json (otherwise run: node scripts/schema.ts)", () => {
    const committed = readFileSync(new URL("../../../plan.schema.json", import.meta.url), "utf8");
    expect(JSON.parse(committed)).toEqual(planJsonSchema());
  });
});
