import { z } from "zod";
import { repositoryPath } from "./names.ts";

const treatment = z.enum(["block", "warn", "track"]);

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
      .describe("By severity: `block` fails the check, `warn` is told, `track` is counted."),
    unverifiedSecrets: treatment
      .default("block")
      .describe(
        "A secret of which a scanner could not tell whether it works. That is not the same as that it does not: " +
          "less than `block` is a decision of yours.",
      ),
    suppressions: repositoryPath
      .default("fairway.suppressions.yaml")
      .describe("The file that says which findings are known and wanted, by whom and until when."),
  })
  .describe("What scanners and checks find, and what becomes of it.");

export type FindingsConfig = z.infer<typeof findings>;
