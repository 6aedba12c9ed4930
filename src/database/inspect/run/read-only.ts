import { openSession, type Session } from "../../measure/run/connection.ts";

/** Prisma's own, which PostgreSQL does not know. */
const prismaParameters = [
  ...["schema", "connection_limit", "pool_timeout", "connect_timeout", "socket_timeout", "pgbouncer"],
  ...["statement_cache_size", "sslaccept", "sslidentity", "sslpassword"],
];

/**
 * One transaction that sees one state of the database and cannot write: PostgreSQL refuses that itself, and also to make it one
 * that can. A transaction, and no setting of the session: that would reach others through a pool of connections.
 */
export async function openReadOnly(url: string): Promise<Session> {
  const { address, schema } = addressOf(url);
  const session = await openSession(address);
  try {
    await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await session.query("SET LOCAL statement_timeout = '60s'; SET LOCAL lock_timeout = '5s'");
    await useSchema(session, schema);
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/** Names in this schema are told without it. */
export async function useSchema(session: Session, schema: string): Promise<void> {
  await session.query("SELECT set_config('search_path', quote_ident($1), true)", [schema]);
}

/** @returns the URL as PostgreSQL knows it, and the schema that it names in Prisma's way */
export function addressOf(url: string): { readonly address: string; readonly schema: string } {
  const address = new URL(url);
  const schema = address.searchParams.get("schema") ?? "public";
  for (const name of prismaParameters) address.searchParams.delete(name);
  return { address: address.href, schema };
}
