import { z } from "zod";
import { variableName } from "../names.ts";

const script = z.string().min(1);

/** `backup` of an environment: when its database is backed up, and how where it is not Fairway's own. */
export const backup = z
  .strictObject({
    before: z
      .enum(["migrations", "every-deploy", "never"])
      .default("migrations")
      .describe("What a backup is made before."),
    keep: z
      .number()
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe("Target local: how many backups stay on this machine. Default: 3."),
    script: script
      .optional()
      .describe(
        "Other targets: the script of the root package.json that makes a backup. The last line that it prints is what the backup " +
          "is called, a snapshot's id for example.",
      ),
    restore: script
      .optional()
      .describe("Other targets: the script that brings one back; FAIRWAY_BACKUP says which."),
    secrets: z
      .array(variableName)
      .default([])
      .describe("Names of values in --secrets that the two scripts get, beside the database's URL."),
  })
  .describe(
    "Backups of the database. Default: before migrations for target local, which keeps the last 3 on this machine; none elsewhere.",
  );

export type BackupConfig = z.output<typeof backup>;
