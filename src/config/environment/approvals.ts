import { z } from "zod";
import { label, repositoryPath } from "../names.ts";

/** The name of a person as the signers file has it: no pattern, no blank. */
const principal = z
  .string()
  .regex(/^[^\s,*?!"#]+$/, "must be one name of the signers file, such as ada@example.com");

const need = z.strictObject({
  group: label.describe("A group of `groups`."),
  count: z.number().int().min(1).max(20).default(1).describe("How many members of it."),
  when: z
    .enum(["always", "migrations", "contracts"])
    .default("always")
    .describe(
      "`migrations`: only for a plan that migrates the database. `contracts`: only where a migration removes something for good; " +
        "a group called dba is always asked then.",
    ),
});

/** `approvals` of an environment: who has to agree to a plan before it is applied. */
export const approvals = z
  .strictObject({
    required: z
      .number()
      .int()
      .min(0)
      .max(20)
      .default(1)
      .describe("How many different people approve a plan, with or without a group."),
    groups: z
      .record(label, z.array(principal).min(1))
      .default({})
      .describe("People by group: names as they stand in the signers file."),
    needs: z
      .array(need)
      .default([])
      .describe(
        "Groups whose members must be among those who approve. One person fills one seat of one group, " +
          "and counts for `required` beside it.",
      ),
    signers: repositoryPath
      // Its own state is ignored by git: nobody's clone would have the file.
      .refine(
        (path) => !/^(\.\/)?\.fairway(\/|$)/.test(path),
        "must be a file that git keeps, not one in .fairway",
      )
      .default("fairway.allowed_signers")
      .describe(
        "The file with everybody's public keys, as git and ssh-keygen(1) have it: `ada@example.com ssh-ed25519 AAAA...`. " +
          "What counts is this file in the last commit that was proven in the environment.",
      ),
    excludeAuthors: z
      .boolean()
      .default(true)
      .describe(
        "Whether those who wrote commits of a plan may not approve it. Recognised by e-mail address.",
      ),
    excludeRequester: z
      .boolean()
      .default(true)
      .describe("Whether the one who asks for the deploy may not approve it."),
    maxAgeHours: z
      .number()
      .int()
      .min(1)
      .max(720)
      .default(72)
      .describe("The longest time in hours for which an approval may be good."),
  })
  .superRefine(({ groups, needs }, context) => {
    for (const [index, { group, count }] of needs.entries()) {
      const members = Object.hasOwn(groups, group) ? groups[group]! : null;
      const known = Object.keys(groups).join(", ");
      if (members === null) {
        const message = `there is no group ${group}; ${known === "" ? "add it under groups" : `known: ${known}`}`;
        context.addIssue({ code: "custom", path: ["needs", index, "group"], message });
      } else if (new Set(members.map((name) => name.toLowerCase())).size < count) {
        const message = `the group ${group} has fewer than ${String(count)} members`;
        context.addIssue({ code: "custom", path: ["needs", index, "count"], message });
      }
    }
  })
  .describe("Who has to agree to a plan, with signatures, before it is applied.");

export type ApprovalsConfig = z.output<typeof approvals>;

/** What is known of a plan when its approvals are asked for. */
export interface ApprovedChanges {
  readonly migrates: boolean;
  /** Whether a migration of it removes something: what it held is lost, and older code fails. */
  readonly contracts: boolean;
}

/** What the config asks of one plan, in the form that the gate judges by. */
export function approvalPolicyFor(config: ApprovalsConfig, plan: ApprovedChanges) {
  const { required, groups, excludeAuthors, excludeRequester, maxAgeHours } = config;
  const asked = config.needs.filter(
    ({ when }) => when === "always" || plan.contracts || (when === "migrations" && plan.migrates),
  );
  const isMissing = plan.contracts && Object.hasOwn(groups, dba) && !asked.some(({ group }) => group === dba);
  const needs = [
    ...asked.map(({ group, count }) => ({ group, count })),
    ...(isMissing ? [{ group: dba, count: 1 }] : []),
  ];
  return { required, groups, needs, excludeAuthors, excludeRequester, maxAgeHours };
}

/** Those who answer for the data: asked about whatever removes some, whether `needs` says so or not. */
const dba = "dba";
