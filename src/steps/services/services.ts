export { checkEnvironment, type EnvironmentCheckOptions } from "./environment-check.ts";
export { postgresService, type PostgresService } from "./postgres.ts";
export { redisService } from "./redis.ts";
