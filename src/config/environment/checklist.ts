import { z } from "zod";

/** A terminal shows it to whoever signs: nothing in it may move the cursor or turn the text around. */
const line = (longest: number) =>
  z
    .string()
    .regex(
      new RegExp(`^[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]{1,${String(longest)}}$`, "u"),
      `must be one line of at most ${String(longest)} characters`,
    );

const item = z
  .union(
    [
      z.strictObject({
        name: line(80),
        script: z
          .string()
          .min(1)
          .describe("A script of the root package.json; it passes when it ends with 0."),
      }),
      z.strictObject({
        name: line(80),
        confirm: line(500).describe("What a person has looked at. Whoever approves the plan confirms it."),
      }),
    ],
    { error: "must be { name, script } or { name, confirm }" },
  )
  .describe("One thing that has to be true before a release goes out.");

/** `checklist` of an environment: what is gone through before each release. */
export const checklist = z
  .array(item)
  .default([])
  .describe(
    "The release checklist. Scripts are run for each plan and again for each deploy, from the commit that is deployed; " +
      "what people confirm stands in the plan that they sign.",
  );

export type ChecklistItem = z.output<typeof item>;
