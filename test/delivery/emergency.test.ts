import { describe, expect, it } from "vitest";
import { againFor, emergencyOf } from "../../src/delivery/emergency.ts";
import type { Plan } from "../../src/model/plan.ts";
import { failureOf } from "../support/failure-of.ts";

const ordinary = { emergency: false, reason: "", ticket: "" };
const urgent = { reason: "Service outage", ticket: "INC-42" };

describe("an emergency", () => {
  it("is what the call says, or else the plan that it is given", () => {
    expect(emergencyOf(ordinary)).toBeNull();
    expect(emergencyOf({ emergency: true, ...urgent })).toEqual(urgent);
    expect(emergencyOf(ordinary, { emergency: urgent })).toEqual(urgent);
    expect(emergencyOf(ordinary, { emergency: null })).toBeNull();
  });

  it("is one again when what was typed is typed again, or else the plan says so that is given again", () => {
    const again = (given?: Plan) => againFor("npx fairway deploy --env local", given, urgent);
    expect(again()).toBe(
      "npx fairway deploy --env local --emergency --reason 'Service outage' --ticket INC-42",
    );
    expect(again({} as Plan)).toBe("npx fairway deploy --env local --plan plan.json");
    expect(againFor("npx fairway deploy --env local", undefined, null)).toBe(
      "npx fairway deploy --env local",
    );
  });

  it("has a reason and a ticket, also in a plan that somebody wrote by hand", async () => {
    const incomplete = { ...urgent, ticket: " " };
    const asked = async () => emergencyOf({ emergency: true, ...incomplete });
    expect(await failureOf(asked())).toMatchObject({ code: "EMERGENCY_INCOMPLETE", exitCode: 2 });
    const planned = async () => emergencyOf(ordinary, { emergency: incomplete });
    expect(await failureOf(planned())).toMatchObject({ code: "EMERGENCY_INCOMPLETE", exitCode: 2 });
  });
});
