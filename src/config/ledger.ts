import { z } from "zod";
import { variableName } from "./names.ts";
import { repositoryUrl } from "./urls.ts";

const postgres = z
  .strictObject({
    url: variableName.describe(
      "Name of the value in --secrets that holds the database's URL: postgresql://user:password@host:5432/database.",
    ),
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, "must be lower case letters, digits and underscores")
      .default("fairway")
      .describe("The schema of its tables; made when it is not there."),
  })
  .describe("In a PostgreSQL database, for everyone who reaches it.");

const git = z
  .strictObject({
    url: repositoryUrl
      .optional()
      .describe(
        "The repository that holds it: https://host/owner/repository. Default: the remote `origin` of this one.",
      ),
    ref: z
      .string()
      .regex(
        /^refs(\/[\w-][\w.-]*){2,}$/,
        "must be the full name of a ref: refs/fairway/ledger, or refs/heads/fairway-ledger for a branch",
      )
      .default("refs/fairway/ledger")
      .describe(
        "The ref that its events are on. A service that takes nothing but branches and tags needs a branch.",
      ),
    token: variableName.describe("Name of the value in --secrets that holds a token that may read and push."),
    username: z
      .string()
      .min(1)
      .optional()
      .describe("What the server wants as the user beside a token. Default: x-access-token."),
  })
  .describe("As commits on one ref of a git repository, so that a team needs no server of its own.");

/** `ledger`: where what happened is written down. */
export const ledger = z
  .union([z.literal("sqlite"), z.strictObject({ postgres }), z.strictObject({ git })], {
    error: "must be sqlite, postgres: { url: SECRET }, or git: { token: SECRET }",
  })
  .describe("Where what happened is written down: `sqlite` is a file on this machine.");

export type LedgerConfig = z.output<typeof ledger>;
