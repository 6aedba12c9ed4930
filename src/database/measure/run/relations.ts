import { type LockMode, lockModes } from "../../lock-modes.ts";
import type { LockTaken, RelationKind } from "../measured.ts";
import { ownSchemas, shownName } from "./catalog.ts";
import type { Session } from "./connection.ts";

/** A relation as it stands in the catalog, by its number there. */
export interface Relation {
  readonly oid: number;
  readonly name: string;
  readonly kind: RelationKind;
  /** The table of an index; the outermost one of a partition; itself of a table. */
  readonly table: string | null;
  readonly tableOid: number | null;
  /** The name of its file; null where it has none. */
  readonly fileNode: number | null;
}

/** A lock that a process was seen holding, or waiting for. */
export interface SeenLock {
  readonly oid: number;
  readonly mode: LockMode;
  readonly granted: boolean;
}

export async function readRelations(session: Session): Promise<Map<number, Relation>> {
  const rows = await session.query<Relation>(relationsQuery);
  return new Map(rows.map((row) => [row.oid, row]));
}

export async function readLocks(observer: Session, processId: number): Promise<SeenLock[]> {
  const rows = await observer.query<{ oid: number; mode: string; granted: boolean }>(locksQuery, [processId]);
  return rows.flatMap(({ oid, mode, granted }) => {
    const known = lockModes.find((name) => name === modeName(mode));
    return known === undefined ? [] : [{ oid, mode: known, granted }];
  });
}

/** `AccessExclusiveLock` as pg_locks has it is what LOCK TABLE calls ACCESS EXCLUSIVE. */
function modeName(mode: string): string {
  return mode
    .replace(/Lock$/, "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toUpperCase();
}

/**
 * The locks with the names of what they are on. What is in neither catalog, such as what keeps long values, is left out.
 * @param base what the earlier migrations left: the rest is new
 */
export function locksTaken(
  seen: readonly SeenLock[],
  before: ReadonlyMap<number, Relation>,
  within: ReadonlyMap<number, Relation>,
  base: ReadonlyMap<number, Relation>,
): LockTaken[] {
  return seen.flatMap(({ oid, mode, granted }) => {
    const relation = before.get(oid) ?? within.get(oid);
    if (relation === undefined) return [];
    const { name, kind } = relation;
    return [{ relation: name, kind, mode, granted, isNew: !base.has(oid) }];
  });
}

/** Those that are there before and after, with another file. */
export function rewritten(
  before: ReadonlyMap<number, Relation>,
  after: ReadonlyMap<number, Relation>,
): Relation[] {
  return [...after.values()].filter(({ oid, fileNode }) => {
    const old = before.get(oid);
    return old !== undefined && old.fileNode !== fileNode;
  });
}

const relationsQuery = `
  SELECT c.oid::int8::float8 AS oid, ${shownName()} AS name,
    CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'i' THEN 'index' WHEN 'I' THEN 'index'
      WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE 'other' END AS kind,
    CASE WHEN t.relkind IN ('r', 'p') THEN ${shownName("t", "tn")} END AS "table",
    CASE WHEN t.relkind IN ('r', 'p') THEN t.oid::int8::float8 END AS "tableOid",
    pg_relation_filenode(c.oid)::int8::float8 AS "fileNode"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_index i ON i.indexrelid = c.oid
  LEFT JOIN pg_class t ON t.oid = coalesce(pg_partition_root(coalesce(i.indrelid, c.oid)), i.indrelid, c.oid)
  LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
  WHERE ${ownSchemas()}`;

const locksQuery = `
  SELECT relation::int8::float8 AS oid, mode, granted FROM pg_locks
  WHERE pid = $1 AND locktype = 'relation'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
