import { ownSchemas, shownName } from "./catalog.ts";
import { openSession } from "./connection.ts";

/** Rows by table as the statistics have them; without the tables that were never analysed. */
export async function readTableSizes(url: string): Promise<Record<string, number>> {
  const address = new URL(url);
  // Prisma's own parameters, which PostgreSQL does not know.
  address.search = "";
  if (new URL(url).searchParams.has("sslmode"))
    address.searchParams.set("sslmode", new URL(url).searchParams.get("sslmode") ?? "");
  await using session = await openSession(address.href);
  await session.query("SET default_transaction_read_only = on; SET statement_timeout = '15s'");
  const rows = await session.query<{ table: string; rows: number }>(sizesQuery);
  return Object.fromEntries(rows.map(({ table, rows: count }) => [table, count]));
}

/** A partitioned table has the rows of its partitions, once all of them were analysed. */
const sizesQuery = `
  SELECT ${shownName()} AS "table", sum(p.reltuples)::float8 AS rows
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN LATERAL (
    SELECT leaf.reltuples FROM pg_class leaf WHERE c.relkind = 'r' AND leaf.oid = c.oid
    UNION ALL
    SELECT leaf.reltuples FROM pg_partition_tree(c.oid) t JOIN pg_class leaf ON leaf.oid = t.relid
    WHERE c.relkind = 'p' AND t.isleaf
  ) p ON true
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND ${ownSchemas()}
  GROUP BY c.oid, 1 HAVING min(p.reltuples) >= 0 ORDER BY 1`;
