import type { Client } from "pg";

/** One session on the server, whose rows are typed by whoever asks. */
export interface Session extends AsyncDisposable {
  readonly processId: number;
  /** One statement with parameters, or several without. */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

export async function openSession(url: string, database?: string): Promise<Session> {
  const { default: pg } = await import("pg");
  const address = new URL(url);
  if (database !== undefined) address.pathname = `/${encodeURIComponent(database)}`;
  const client: Client = new pg.Client({ connectionString: address.href, connectionTimeoutMillis: 15_000 });
  // A connection that breaks is told by the query that needs it.
  client.on("error", () => undefined);
  await client.connect();
  const query = async <Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> => {
    const result = await client.query<Row>(text, values === undefined ? undefined : [...values]);
    // Several statements in one text answer several results.
    return (result as { rows?: Row[] }).rows ?? [];
  };
  const rows = await query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return {
    processId: rows[0]?.pid ?? 0,
    query,
    [Symbol.asyncDispose]: () => client.end(),
  };
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A statement's error in one line, with its SQLSTATE. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" ? `${message} (${code})` : message;
}
