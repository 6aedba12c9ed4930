import { z } from "zod";

/** Every variable that the api reads. It imports nothing but zod: tools may load it to check an environment. */
export const environmentSchema = z.object({
  NODE_ENV: z.enum(["development", "test", "production"]).default("development"),
  HOST: z.string().min(1).default("0.0.0.0"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3040),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  DATABASE_URL: z.url({
    protocol: /^postgres(ql)?$/,
    error: "must be postgresql://user:password@host:port/database",
  }),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(5),
  READINESS_TIMEOUT_MS: z.coerce.number().int().min(1).default(2_000),
  /** The release, as the platform names it. */
  FAIRWAY_VERSION: z.string().min(1).default("development"),
});

export type Environment = z.infer<typeof environmentSchema>;

/** Reads the environment, or throws one error that lists everything that is wrong with it. */
export function parseEnvironment(variables: Record<string, string | undefined>): Environment {
  const result = environmentSchema.safeParse(variables);
  if (result.success) return result.data;
  throw new Error(`The environment is not complete:\n${z.prettifyError(result.error)}`);
}
