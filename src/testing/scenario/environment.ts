import { environmentFields } from "../../config/config.ts";

const fields = environmentFields.pick({
  ...{ strategy: true, smoke: true, afterRelease: true, timeouts: true, maintenance: true, backup: true },
  ...{ branch: true, tags: true, after: true, soakMinutes: true, windows: true, freezes: true },
  ...{ checklist: true, approvals: true, emergency: true },
});

/** What of an environment can be simulated. */
export const environment = fields.describe(
  "An environment, in the words of fairway.yaml. A backup is made only where `backup` stands.",
);

/** What a commit has there instead. */
export const environmentChange = fields
  .partial()
  .describe("Each key stands in the place of the environment's own.");
