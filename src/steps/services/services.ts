export { checkEnvironment, type EnvironmentCheckOptions } from "./environment-check.ts";
export { postgresService } from "./postgres.ts";
export { redisService } from "./redis.ts";
export type { EphemeralServer } from "./server.ts";
