import { z } from "zod";
import { approvals } from "./approvals.ts";

/** `emergency` of an environment: what `--emergency` may pass by. */
export const emergency = z
  .strictObject({
    skips: z
      .array(z.enum(["branch", "promotion", "windows", "checklist", "approvals"]))
      .default(["windows"])
      .describe("The gates that an emergency passes by. Which were passed by is in the change record."),
    approvals: approvals
      .nullable()
      .default(null)
      .describe("Who approves in an emergency, instead of the environment's own approvals."),
  })
  .describe("What `--emergency --reason ... --ticket ...` may pass by. Without it there are no emergencies.");
