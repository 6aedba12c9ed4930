import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";

/** Asks the database of a local environment, as its superuser. */
export async function queryLocalDatabase<T extends pg.QueryResultRow>(
  stateDirectory: string,
  text: string,
): Promise<T[]> {
  return queryDatabaseAt<T>(await localDatabaseUrl(stateDirectory), text);
}

export async function localDatabaseUrl(stateDirectory: string): Promise<string> {
  const read = async (file: string) =>
    JSON.parse(await readFile(join(stateDirectory, file), "utf8")) as unknown;
  const { postgresPort } = (await read("state.json")) as { postgresPort: number };
  const { passwords } = (await read("postgres/18/fairway-credentials.json")) as { passwords: [string] };
  return `postgresql://postgres:${passwords[0]}@127.0.0.1:${String(postgresPort)}/app`;
}

/** Asks in a session of its own. */
export async function queryDatabaseAt<T extends pg.QueryResultRow>(
  connectionString: string,
  text: string,
): Promise<T[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}
