import { setTimeout as sleep } from "node:timers/promises";
import type { Table } from "./catalog.ts";
import { openSession, quote, type Session } from "./connection.ts";

/** One request of a probe. Times are of `performance.now()`. */
export interface Attempt {
  readonly start: number;
  /** Infinity while it goes on. */
  end: number;
  /** Seen waiting for the session that migrates. */
  blocked: boolean;
}

/** Reads or writes one table, again and again, in a session of its own. */
export interface Probe extends AsyncDisposable {
  readonly table: string;
  readonly probe: "reads" | "writes";
  readonly processId: number;
  readonly attempts: readonly Attempt[];
  /** Why it ended by itself: the table, or a column that it used, is gone. */
  readonly ended: () => string | null;
}

/** Long enough to leave the processor to what is measured. */
const pauseMs = 2;

/**
 * A reader and a writer of the table.
 * @param name what the table was called before the migrations
 */
export async function startProbes(
  url: string,
  database: string,
  table: Table,
  name: string,
): Promise<Probe[]> {
  const session = await openSession(url, database);
  const requests = await requestsFor(session, table);
  await session[Symbol.asyncDispose]();
  return [
    await startProbe(url, database, { table: name, probe: "reads" }, requests.reads),
    await startProbe(url, database, { table: name, probe: "writes" }, requests.writes),
  ];
}

async function startProbe(
  url: string,
  database: string,
  is: Pick<Probe, "table" | "probe">,
  requests: readonly string[],
): Promise<Probe> {
  const session = await openSession(url, database);
  const attempts: Attempt[] = [];
  let stopped = false;
  let ended: string | null = null;
  const first = Promise.withResolvers<undefined>();
  const loop = async () => {
    for (let turn = 0; !stopped && ended === null; turn++) {
      const attempt: Attempt = { start: performance.now(), end: Infinity, blocked: false };
      attempts.push(attempt);
      try {
        await session.query(requests[turn % requests.length] ?? "");
      } catch (error) {
        ended = error instanceof Error ? error.message : String(error);
      }
      attempt.end = performance.now();
      first.resolve(undefined);
      await sleep(pauseMs);
    }
  };
  const running = loop();
  await first.promise;
  return {
    ...is,
    processId: session.processId,
    attempts,
    ended: () => ended,
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      await running;
      await session[Symbol.asyncDispose]();
    },
  };
}

const keys = 8;

/** Some rows by their key, or by where they lie; what is written is taken back at once. */
async function requestsFor(session: Session, table: Table): Promise<{ reads: string[]; writes: string[] }> {
  const { sqlName } = table;
  const places = await rowPlaces(session, table);
  const column = table.columns.find(({ generated }) => !generated);
  const written = await writable(session, table);
  const reads = [
    `SELECT * FROM ${sqlName} LIMIT 1`,
    ...places.map((place) => `SELECT count(*) FROM ${sqlName} WHERE ${place}`),
  ];
  const name = written ?? column?.name;
  const write = (place: string) =>
    name === undefined
      ? `DELETE FROM ${sqlName} WHERE ${place}`
      : `UPDATE ${sqlName} SET ${quote(name)} = ${quote(name)} WHERE ${place}`;
  const writes = (places.length === 0 ? ["false"] : places).map(
    (place) => `BEGIN; ${write(place)}; ROLLBACK`,
  );
  return { reads, writes };
}

async function rowPlaces(session: Session, { sqlName, uniques }: Table): Promise<string[]> {
  const key = uniques[0]?.map(quote) ?? [];
  const place =
    key.length === 0
      ? "format('ctid = %L', ctid)"
      : key
          .map((name) => `format('%I = %L', '${name.slice(1, -1).replaceAll("'", "''")}', ${name})`)
          .join(" || ' AND ' || ");
  const rows = await session.query<{ place: string }>(
    `SELECT ${place} AS place FROM (SELECT *, ctid, row_number() OVER () AS n, count(*) OVER () AS c FROM ${sqlName}) t
     WHERE n % greatest(c / ${String(keys)}, 1) = 0 LIMIT ${String(keys)}`,
  );
  return rows.map((row) => row.place);
}

/** A column that an UPDATE may name, other than of the key where there is one. */
async function writable(session: Session, { sqlName, uniques }: Table): Promise<string | undefined> {
  const rows = await session.query<{ name: string }>(
    `SELECT attname::text AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
       AND attgenerated = '' AND attidentity <> 'a' ORDER BY attname = ANY ($2), attnum`,
    [sqlName, uniques[0] ?? []],
  );
  return rows[0]?.name;
}
