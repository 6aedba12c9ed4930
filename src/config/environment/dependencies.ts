import { z } from "zod";
import { variableName } from "../names.ts";
import { httpUrl } from "../urls.ts";

const urlOf = (what: string) =>
  variableName.describe(
    `Name of the value in --secrets, or of the variable of this environment, that holds the URL of ${what}.`,
  );

const hostName = z
  .string()
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$|^[0-9A-Fa-f:]*:[0-9A-Fa-f:]*$/,
    "must be a host without https:// and without a port, such as shop.example",
  );

const http = z.strictObject({
  url: httpUrl.describe("What is asked, with GET. Redirects are answers like any other."),
  status: z.number().int().min(100).max(599).default(200),
  contains: z.string().min(1).nullable().default(null).describe("Text that the body must contain."),
});

const certificate = z.strictObject({
  host: hostName,
  port: z.number().int().min(1).max(65535).default(443),
  minDays: z
    .number()
    .int()
    .min(0)
    .max(3650)
    .default(14)
    .describe("Days for which the certificate, and those that it is signed with, must still be good."),
});

const dependency = z
  .union(
    [
      z.literal("database"),
      z.strictObject({ database: urlOf("another PostgreSQL database") }),
      z.strictObject({ redis: urlOf("the Redis server") }),
      z.strictObject({ http }),
      z.strictObject({ certificate }),
    ],
    {
      error:
        "must be database, database: NAME_OF_ITS_URL, redis: NAME_OF_ITS_URL, http: { url, ... } or certificate: { host, ... }",
    },
  )
  .describe(
    "`database`: the database that all services share. A certificate's host is asked for it over TLS; an http url answers as it says.",
  );

/** `dependencies` of an environment: what its services cannot do without, and that Fairway does not run. */
export const dependencies = z
  .array(dependency)
  .default([])
  .describe(
    "What the services need: asked before a deploy changes anything, and again before the smoke tests. " +
      "Each is asked until it passes, for 30 seconds at most.",
  );

export type DependencyConfig = z.output<typeof dependency>;
