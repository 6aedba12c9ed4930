import { z } from "zod";

/** A DNS label, as services and environments are part of host names, image names and folders. */
export const label = z
  .string()
  .regex(
    /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/,
    "must be lower case letters, digits and hyphens, start with a letter, at most 40",
  );

/** The name of an environment variable or a secret. */
export const variableName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    "must be the name of an environment variable: letters, digits and _, not starting with a digit",
  );

/** A path of the repository, relative to its root. */
export const repositoryPath = z
  .string()
  .min(1, "must not be empty")
  .refine((path) => !path.startsWith("/"), "must be relative to the repository's root, without a leading /")
  .refine((path) => !path.split(/[\\/]/).includes(".."), "must be inside the repository, without ..");

/** The path of a URL: `/health/readiness`. */
export const httpPath = z.string().regex(/^\/[^\s]*$/, "must be the path of a URL and start with /");

export const seconds = (low: number, high: number) => z.number().int().min(low).max(high);
export const replicas = z.number().int().min(1).max(100);

/** A major version of PostgreSQL, `"18"`, or a tag of its image, `"18.4"`. */
export const postgresVersion = z
  .union([z.string(), z.number()], { error: 'must be a version of PostgreSQL such as "18"' })
  .transform(String)
  .pipe(z.string().regex(/^\d{2}(\.\d{1,2})?$/, 'must be a version of PostgreSQL such as "18"'));

/** A version of Redis, `"8"`, or a tag of its image, `"8.2-bookworm"`. */
export const redisVersion = z
  .union([z.string(), z.number()], { error: 'must be a version of Redis such as "8"' })
  .transform(String)
  .pipe(z.string().regex(/^\d{1,2}(\.\d{1,3}){0,2}(-\w+)?$/, 'must be a version of Redis such as "8"'));

const rowCountError = "must be a number of rows such as 5000000 or 5_000_000";
/** A count of rows; YAML takes `5_000_000` for a text. */
export const rowCount = z
  .union([z.number().int().min(0), z.string().regex(/^\d{1,3}(_\d{3})+$|^\d+$/, rowCountError)], {
    error: rowCountError,
  })
  .transform((value) => Number(String(value).replaceAll("_", "")));

/** Plain variables: the text that stands in fairway.yaml is the text that the service gets. */
export const variables = z.record(
  variableName,
  z
    .union([z.string(), z.number(), z.boolean()], { error: 'must be a text (write "" for an empty one)' })
    .transform(String),
);

export const imageReference = z
  .string()
  .regex(
    /^[a-z0-9]([\w.:/-]|@sha256:)*$/i,
    "must be an image reference such as registry.example/node:24-slim",
  );
