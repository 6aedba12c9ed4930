import type { Schema } from "./schema/schema.ts";

/** What a statement is judged by: the schema before it, the server, and what live code uses. */
export interface Situation {
  readonly schema: Schema;
  /** The server's major version: 17. */
  readonly postgres: number;
  readonly uses: Uses;
}

/**
 * Whether code that is live, or that somebody may go back to, uses something of the database. `unknown` where nobody
 * said what it uses. A table without column: the table as such.
 */
export interface Uses {
  table(table: string): Use;
  column(table: string, column: string): Use;
  type(type: string): Use;
}

export interface Use {
  readonly state: "used" | "unused" | "unknown";
  /** The releases that use it: `1.4.0 (live)`. */
  readonly by: readonly string[];
}

const notSaid: Use = { state: "unknown", by: [] };

/** Nobody said what live code uses. */
export const unknownUses: Uses = { table: () => notSaid, column: () => notSaid, type: () => notSaid };

const unused: Use = { state: "unused", by: [] };

/** No code is live. */
export const noUses: Uses = { table: () => unused, column: () => unused, type: () => unused };
