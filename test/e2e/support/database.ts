import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { Repository } from "./repository.ts";

/** Asks the database of a repository's local environment, as its superuser. */
export async function queryDatabase<T extends pg.QueryResultRow>(
  { path }: Repository,
  text: string,
): Promise<T[]> {
  const state = join(path, ".fairway/environments/local");
  const read = async (file: string) => JSON.parse(await readFile(join(state, file), "utf8")) as unknown;
  const { postgresPort } = (await read("state.json")) as { postgresPort: number };
  const { passwords } = (await read("postgres/18/fairway-credentials.json")) as { passwords: [string] };
  const connection = { host: "127.0.0.1", port: postgresPort, user: "postgres", password: passwords[0] };
  const client = new pg.Client({ ...connection, database: "app" });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}
