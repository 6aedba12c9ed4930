import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { approvalPolicyFor, approvals } from "../../../src/config/environment/approvals.ts";

const refusals = (input: unknown) => {
  const answer = approvals.safeParse(input);
  return answer.success
    ? []
    : answer.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
};

it("asks for one person by default, neither author nor requester, for three days, by a file that git keeps", () => {
  expect(approvals.parse({})).toEqual({
    required: 1,
    groups: {},
    needs: [],
    signers: "fairway.allowed_signers",
    excludeAuthors: true,
    excludeRequester: true,
    maxAgeHours: 72,
  });
});

describe("a plan that removes something for good", () => {
  const groups = { dba: ["ada@example.com"], security: ["grace@example.com"] };
  const policyOf = (config: object) =>
    approvalPolicyFor(approvals.parse(config), { migrates: true, contracts: true }).needs;

  it("needs one of the group dba, asked for or not", () => {
    expect(policyOf({ groups })).toEqual([{ group: "dba", count: 1 }]);
    const needs = [{ group: "dba", count: 1, when: "contracts" }];
    expect(policyOf({ groups, needs })).toEqual([{ group: "dba", count: 1 }]);
    expect(
      approvalPolicyFor(approvals.parse({ groups, needs }), { migrates: true, contracts: false }).needs,
    ).toEqual([]);
  });

  it("needs those whom every migration needs", () => {
    const needs = [{ group: "security", count: 1, when: "migrations" }];
    expect(policyOf({ groups: { security: groups.security }, needs })).toEqual([
      { group: "security", count: 1 },
    ]);
  });
});

it("a group is needed always, or only by a plan that migrates", () => {
  const config = approvals.parse({
    required: 2,
    groups: { dba: ["ada@example.com"], security: ["bob@example.com"] },
    needs: [{ group: "dba", when: "migrations" }, { group: "security" }],
  });
  expect(approvalPolicyFor(config, { migrates: false, contracts: false }).needs).toEqual([
    { group: "security", count: 1 },
  ]);
  expect(approvalPolicyFor(config, { migrates: true, contracts: false })).toEqual({
    required: 2,
    groups: { dba: ["ada@example.com"], security: ["bob@example.com"] },
    needs: [
      { group: "dba", count: 1 },
      { group: "security", count: 1 },
    ],
    excludeAuthors: true,
    excludeRequester: true,
    maxAgeHours: 72,
  });
});

test.each([
  [
    "a group that is not there",
    { needs: [{ group: "dba" }] },
    "needs.0.group: there is no group dba; add it under groups",
  ],
  [
    "a group that is spelled otherwise",
    { groups: { dba: ["ada@example.com"] }, needs: [{ group: "dbas" }] },
    "needs.0.group: there is no group dbas; known: dba",
  ],
  [
    "more people than a group has, whatever their case",
    { groups: { dba: ["ada@example.com", "Ada@example.com"] }, needs: [{ group: "dba", count: 2 }] },
    "needs.0.count: the group dba has fewer than 2 members",
  ],
  [
    "a pattern as a member",
    { groups: { dba: ["*@example.com"] } },
    "groups.dba.0: must be one name of the signers file, such as ada@example.com",
  ],
  [
    "a signers file in .fairway",
    { signers: ".fairway/allowed_signers" },
    "signers: must be a file that git keeps",
  ],
  ["a signers file outside", { signers: "../allowed_signers" }, "signers: must be inside the repository"],
  ["an unknown key", { require: 2 }, 'Unrecognized key: "require"'],
])("%s is refused", (_what, input, message) => {
  expect(refusals(input)).toEqual([expect.stringContaining(message)]);
});

it("every field is described for editors", () => {
  const schema = JSON.stringify(z.toJSONSchema(approvals, { io: "input" }));
  const undescribed: string[] = [];
  const visit = (node: unknown, name: string): void => {
    if (typeof node !== "object" || node === null) return;
    const { properties = {}, items } = node as { properties?: Record<string, object>; items?: object };
    for (const [key, field] of Object.entries(properties)) {
      if (!("description" in field)) undescribed.push(`${name}.${key}`);
      visit(field, `${name}.${key}`);
    }
    visit(items, `${name}[]`);
  };
  visit(JSON.parse(schema), "approvals");
  expect(undescribed).toEqual([]);
});
