import { join } from "node:path";
import type pg from "pg";
import { queryLocalDatabase } from "../../support/local-database.ts";
import type { Repository } from "./repository.ts";

/** Asks the database of a repository's local environment, as its superuser. */
export function queryDatabase<T extends pg.QueryResultRow>({ path }: Repository, text: string): Promise<T[]> {
  return queryLocalDatabase<T>(join(path, ".fairway/environments/local"), text);
}
