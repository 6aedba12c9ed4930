export { checkEnvironment, type EnvironmentCheckOptions } from "./environmentCheck.ts";
export { postgresService, type PostgresService } from "./postgres.ts";
