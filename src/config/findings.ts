import { z } from "zod";
import { repositoryPath } from "./names.ts";

const units = { hour: "hours", day: "days", week: "weeks", sprint: "sprints" } as const;

/** A time as people write it: `24 hours`, `7 days`, `1 sprint`. */
export interface Length {
  readonly amount: number;
  readonly unit: (typeof units)[keyof typeof units];
}

const lengthOf = (text: string): Length => {
  const [amount = "", unit = ""] = text.split(" ");
  return { amount: Number(amount), unit: units[unit.replace(/s$/, "") as keyof typeof units] };
};

const time = z.string().regex(/^[1-9]\d{0,3} (hour|day|week|sprint)s?$/);
const timeWithoutSprints = z
  .string()
  .regex(/^[1-9]\d{0,3} (hour|day|week)s?$/, "must be a time such as 14 days or 2 weeks");

const treatment = z.union([z.enum(["block", "warn", "track"]), time.transform(lengthOf)], {
  error: "must be block, warn, track, or a time from first sight: 24 hours, 7 days, 2 weeks, 1 sprint",
});

/** What becomes of findings. A severity that is not named is treated as by default. */
export const findings = z
  .strictObject({
    severities: z
      .strictObject({
        critical: treatment.default("block"),
        high: treatment.default("block"),
        medium: treatment.default("warn"),
        low: treatment.default("track"),
        info: treatment.default("track"),
      })
      .prefault({})
      .describe(
        "By severity: `block` fails the check, `warn` is told, `track` is counted; a time (`24 hours`, `7 days`, `1 sprint`) is told " +
          "until so long after it was first seen, and blocks from then on.",
      ),
    sprint: timeWithoutSprints
      .default("14 days")
      .transform(lengthOf)
      .describe("How long a sprint is: `14 days`, `3 weeks`."),
    unverifiedSecrets: treatment
      .default("block")
      .describe(
        "A secret of which a scanner could not tell whether it works. That is not the same as that it does not: " +
          "less than `block` is a decision of yours.",
      ),
    suppressions: repositoryPath
      .default("fairway.suppressions.yaml")
      .describe("The file that says which findings are known and wanted, by whom and until when."),
    vex: z
      .array(repositoryPath)
      .default([])
      .describe(
        "OpenVEX documents of the repository, as globs: `vex/*.openvex.json`. What they call not_affected or fixed is suppressed.",
      ),
  })
  .describe("What scanners and checks find, and what becomes of it.");

/** What is different for deploys to one environment. */
export const environmentFindings = z
  .strictObject({
    severities: z
      .strictObject({
        critical: treatment.optional(),
        high: treatment.optional(),
        medium: treatment.optional(),
        low: treatment.optional(),
        info: treatment.optional(),
      })
      .default({}),
    unverifiedSecrets: treatment.optional(),
  })
  .describe("What becomes of findings where it is deployed here; what is not named is as in `findings`.");

export type FindingsConfig = z.infer<typeof findings>;
