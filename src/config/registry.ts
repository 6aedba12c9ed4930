import { z } from "zod";
import { variableName } from "./names.ts";

/** `registry`: where images are pushed to and pulled from. */
export const registry = z
  .union(
    [
      z.literal("loopback"),
      z.strictObject({
        url: z.string().regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._/-]+)?$/, "must be host/path without https://"),
        username: variableName
          .optional()
          .describe("Name of the value in --secrets that holds the user name."),
        password: variableName.optional().describe("Name of the value in --secrets that holds the password."),
      }),
      z.strictObject({
        ecr: z.strictObject({
          account: z.string().regex(/^\d{12}$/, "must be the 12 digits of an AWS account, in quotes"),
          region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be an AWS region such as eu-central-1"),
          repositoryPrefix: z.string().default(""),
        }),
      }),
    ],
    { error: "must be loopback, { url, username, password } or { ecr: { account, region } }" },
  )
  .describe("Where images are pushed: `loopback` is a small registry on this machine.");
