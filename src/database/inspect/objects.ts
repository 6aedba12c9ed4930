import type { MigrationRow } from "../status.ts";

/** What a schema is made of: `enum`, `column`, ... in the words that people read. */
export type ObjectKind =
  | "schema"
  | "type"
  | "sequence"
  | "function"
  | "table"
  | "column"
  | "constraint"
  | "index"
  | "view"
  | "trigger"
  | "policy"
  | "row security";

/** One object of a database, as SQL. Names are quoted where they need it; the schema that the URL names is left out. */
export interface SchemaObject {
  readonly kind: ObjectKind;
  /** Of columns, constraints, indexes, triggers and policies; null for what is of no table. */
  readonly table: string | null;
  readonly name: string;
  /** Makes it; a table with its columns, and without its constraints and indexes. */
  readonly sql: string;
  /** Takes it back. */
  readonly drop: string;
  /** What of it is compared, where that is not all of `sql`: a table's columns are compared for themselves. */
  readonly compared?: string;
  /** A partition, or of one: jobs make and drop them. */
  readonly ofPartition?: boolean;
  /** An index that a build which failed has left: no query uses it. */
  readonly invalid?: boolean;
  /** Of columns. */
  readonly column?: ColumnState;
}

export interface ColumnState {
  readonly type: string;
  readonly notNull: boolean;
  /** As SQL; null without one. */
  readonly fallback: string | null;
  /** `GENERATED ALWAYS AS IDENTITY`, `GENERATED ALWAYS AS (...) STORED`; empty without. */
  readonly generated: string;
}

/** What a step answers about a live database. */
export interface Inspected {
  /** The server's major version: 17. */
  readonly postgres: number;
  /** Null where Prisma has no table there. */
  readonly rows: readonly MigrationRow[] | null;
  readonly objects: readonly SchemaObject[];
  /** What the migrations that are applied there make of an empty database; or why they do not. */
  readonly made:
    | { readonly postgres: number; readonly objects: readonly SchemaObject[] }
    | { readonly migration: string; readonly problem: string };
}

/** What the step is asked: all migrations of the repository, and an empty server that ends with it. */
export interface InspectInput {
  readonly empty: string;
  readonly migrations: readonly { readonly name: string; readonly parts: readonly string[] }[];
}
