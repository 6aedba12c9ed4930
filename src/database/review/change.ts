import type { LockMode } from "../lock-modes.ts";
/**
 * What a statement does, in the words of a database rather than of a grammar: the one vocabulary of the schema's state,
 * of effects, phases and rules. A statement is a list of these: ALTER TABLE may hold several.
 *
 * Names are those of tables as people write them: `orders`, `billing.orders`; the schema `public` is left out.
 */
export type Change =
  | TableChange
  | ColumnChange
  | ConstraintChange
  | IndexChange
  | TypeChange
  | ViewChange
  | CodeChange
  | DataChange
  | AccessChange
  | SettingChange
  /** `inside`: what it holds, as far as that can be read: said to whoever has to decide, and never relied on. */
  | { readonly kind: "unknown"; readonly what: string; readonly inside?: readonly string[] };

export type ChangeOf<Kind extends Change["kind"]> = Extract<Change, { readonly kind: Kind }>;

export type TableChange =
  | {
      readonly kind: "create-table";
      readonly table: string;
      readonly columns: readonly ColumnFacts[];
      readonly constraints: readonly ConstraintFacts[];
      readonly ifNotExists: boolean;
      readonly temporary: boolean;
      readonly unlogged: boolean;
      /** Of what it becomes a part: a partitioned table, or tables that it inherits from. */
      readonly parents: readonly string[];
      readonly partitioned: boolean;
      /** The columns that say to which of its partitions a row belongs; null for an expression. */
      readonly partitionKey: readonly (string | null)[];
      /** The partition of its parent that takes what no other one does. */
      readonly isDefaultPartition: boolean;
      /** Made and filled from a query (CREATE TABLE AS, SELECT INTO): its columns are not read. */
      readonly fromQuery: boolean;
      /** `LIKE`: the table whose columns it takes. */
      readonly like: readonly string[];
    }
  | {
      readonly kind: "drop-table";
      readonly table: string;
      readonly ifExists: boolean;
      readonly cascade: boolean;
    }
  | { readonly kind: "rename-table"; readonly table: string; readonly to: string }
  | { readonly kind: "move-table"; readonly table: string; readonly toSchema: string }
  | {
      readonly kind: "attach-partition";
      readonly table: string;
      readonly partition: string;
      readonly isDefaultPartition: boolean;
      /** What a check has to say for its rows not to be read, by the columns of the key in order; null where that is not known. */
      readonly bound: ((key: readonly string[]) => string) | null;
    }
  | {
      readonly kind: "detach-partition";
      readonly table: string;
      readonly partition: string;
      readonly concurrently: boolean;
    }
  /** SET LOGGED, UNLOGGED, TABLESPACE, ACCESS METHOD: the whole table is written anew. */
  | { readonly kind: "rewrite-table"; readonly table: string; readonly by: string }
  /** INHERIT or NO INHERIT. */
  | {
      readonly kind: "set-parent";
      readonly table: string;
      readonly parent: string;
      readonly inherits: boolean;
    }
  /** Storage parameters, statistics, replica identity, owner, CLUSTER ON: what no query sees. */
  | { readonly kind: "table-option"; readonly table: string; readonly what: string }
  | { readonly kind: "create-schema"; readonly schema: string; readonly withElements: boolean }
  | { readonly kind: "drop-schema"; readonly schema: string; readonly cascade: boolean }
  | { readonly kind: "rename-schema"; readonly schema: string; readonly to: string };

export type ColumnChange =
  | {
      readonly kind: "add-column";
      readonly table: string;
      readonly column: ColumnFacts;
      readonly ifNotExists: boolean;
      /** Those that stand in the column's definition. */
      readonly constraints: readonly ConstraintFacts[];
    }
  | {
      readonly kind: "drop-column";
      readonly table: string;
      readonly column: string;
      readonly cascade: boolean;
      readonly ifExists: boolean;
    }
  | { readonly kind: "rename-column"; readonly table: string; readonly column: string; readonly to: string }
  | {
      readonly kind: "column-type";
      readonly table: string;
      readonly column: string;
      readonly to: TypeFacts;
      /** Null without USING. `plain`: the column, or a cast of it to the new type; `text`: the same through text. */
      readonly using: "plain" | "text" | "computed" | null;
    }
  | { readonly kind: "set-not-null"; readonly table: string; readonly column: string }
  | { readonly kind: "drop-not-null"; readonly table: string; readonly column: string }
  | {
      readonly kind: "set-default";
      readonly table: string;
      readonly column: string;
      readonly value: DefaultFacts;
    }
  | { readonly kind: "drop-default"; readonly table: string; readonly column: string }
  | {
      readonly kind: "column-identity";
      readonly table: string;
      readonly column: string;
      readonly action: "add" | "set" | "drop";
      /** The first number that is given, where it is said. */
      readonly start: number | null;
      /** GENERATED ALWAYS, where it is said: numbers that a statement gives are refused. */
      readonly always: boolean;
    }
  | {
      readonly kind: "generated-expression";
      readonly table: string;
      readonly column: string;
      readonly action: "set" | "drop";
    }
  /** SET STATISTICS, STORAGE, COMPRESSION, options. */
  | {
      readonly kind: "column-option";
      readonly table: string;
      readonly column: string;
      readonly what: string;
    };

export type ConstraintChange =
  | { readonly kind: "add-constraint"; readonly table: string; readonly constraint: ConstraintFacts }
  | { readonly kind: "validate-constraint"; readonly table: string; readonly name: string }
  | {
      readonly kind: "drop-constraint";
      readonly table: string;
      readonly name: string;
      readonly cascade: boolean;
      readonly ifExists: boolean;
    }
  | { readonly kind: "rename-constraint"; readonly table: string; readonly name: string; readonly to: string }
  | {
      readonly kind: "alter-constraint";
      readonly table: string;
      readonly name: string;
      /** ENFORCED: the rows that are there are looked up, and what breaks it is refused from now on. */
      readonly enforces: boolean;
    };

export type IndexChange =
  | {
      readonly kind: "create-index";
      readonly table: string;
      /** Empty where PostgreSQL chooses it. */
      readonly name: string;
      readonly unique: boolean;
      readonly concurrently: boolean;
      /** Null for an expression. */
      readonly columns: readonly (string | null)[];
      readonly partial: boolean;
      readonly ifNotExists: boolean;
      /** `ON ONLY`: not on the partitions of the table. */
      readonly only: boolean;
      /** `btree`, `gin`, ... */
      readonly method: string;
      /** No order, collation, operator class or column that is only carried along. */
      readonly ordinary: boolean;
      /** NULLS NOT DISTINCT: a second null is refused. */
      readonly nullsAreAlike: boolean;
    }
  | {
      readonly kind: "drop-index";
      readonly name: string;
      readonly concurrently: boolean;
      readonly cascade: boolean;
    }
  | { readonly kind: "rename-index"; readonly name: string; readonly to: string }
  | { readonly kind: "index-option"; readonly name: string; readonly movesFile: boolean }
  | {
      readonly kind: "reindex";
      readonly what: "index" | "table" | "schema" | "database" | "system";
      readonly name: string;
      readonly concurrently: boolean;
    };

export type TypeChange =
  | { readonly kind: "create-type"; readonly type: string; readonly values: readonly string[] | null }
  | { readonly kind: "drop-type"; readonly type: string; readonly cascade: boolean }
  | { readonly kind: "rename-type"; readonly type: string; readonly to: string }
  | { readonly kind: "add-enum-value"; readonly type: string; readonly value: string }
  | {
      readonly kind: "rename-enum-value";
      readonly type: string;
      readonly value: string;
      readonly to: string;
    }
  | {
      readonly kind: "alter-type";
      readonly type: string;
      readonly action: "add-attribute" | "drop-attribute" | "alter-attribute" | "rename-attribute" | "other";
    }
  | {
      readonly kind: "create-domain";
      readonly type: string;
      /** Whether it has checks, or refuses null. */
      readonly constrained: boolean;
    }
  | {
      readonly kind: "alter-domain";
      readonly type: string;
      /** Anything that may refuse values that are there or will be written. */
      readonly narrows: boolean;
      readonly notValid: boolean;
      /** VALIDATE CONSTRAINT: all values that are there are looked at. */
      readonly validates: boolean;
    };

export type ViewChange =
  | {
      readonly kind: "create-view";
      readonly view: string;
      readonly orReplace: boolean;
      readonly ifNotExists: boolean;
      readonly materialized: boolean;
      readonly temporary: boolean;
    }
  | {
      readonly kind: "drop-view";
      readonly view: string;
      readonly materialized: boolean;
      readonly cascade: boolean;
    }
  | {
      readonly kind: "rename-view";
      readonly view: string;
      /** The column that is renamed; null for the view itself. */
      readonly column: string | null;
      readonly to: string;
    }
  | { readonly kind: "refresh-view"; readonly view: string; readonly concurrently: boolean };

export type CodeChange =
  | {
      readonly kind: "create-sequence";
      readonly sequence: string;
      /** `int4`; null for bigint, which it is without. */
      readonly type: string | null;
      readonly cycles: boolean;
      readonly ifNotExists: boolean;
    }
  | {
      readonly kind: "alter-sequence";
      readonly sequence: string;
      readonly restarts: boolean;
      /** Its steps, its ends or its type change. */
      readonly recounts: boolean;
    }
  | { readonly kind: "drop-sequence"; readonly sequence: string; readonly cascade: boolean }
  | {
      readonly kind: "create-function";
      readonly name: string;
      readonly orReplace: boolean;
      /** Runs with the rights of its owner. */
      readonly asOwner: boolean;
      /** `SET search_path`: names in it mean the same for each caller. */
      readonly fixesPath: boolean;
    }
  | { readonly kind: "drop-function"; readonly name: string; readonly cascade: boolean }
  | {
      readonly kind: "create-trigger";
      readonly table: string;
      readonly name: string;
      readonly orReplace: boolean;
    }
  | { readonly kind: "drop-trigger"; readonly table: string; readonly name: string }
  | { readonly kind: "switch-trigger"; readonly table: string; readonly name: string; readonly on: boolean }
  | { readonly kind: "event-trigger"; readonly name: string; readonly action: "create" | "alter" | "drop" }
  | { readonly kind: "create-rule"; readonly table: string; readonly name: string }
  | { readonly kind: "drop-rule"; readonly table: string; readonly name: string }
  | { readonly kind: "create-extension"; readonly name: string }
  | { readonly kind: "drop-extension"; readonly name: string; readonly cascade: boolean };

/** `bounded`: the rows are compared with a constant, or limited in number; else there may be as many as the table has. */
export type DataChange =
  | {
      readonly kind: "insert";
      readonly table: string;
      readonly fromQuery: boolean;
      /** The tables that the query reads. */
      readonly sources: readonly string[];
      readonly bounded: boolean;
      /** ON CONFLICT DO UPDATE: values that were there are gone. */
      readonly overwrites: boolean;
    }
  | {
      readonly kind: "update";
      readonly table: string;
      readonly where: boolean;
      readonly columns: readonly string[];
      readonly bounded: boolean;
    }
  | {
      readonly kind: "delete";
      readonly table: string;
      readonly where: boolean;
      readonly bounded: boolean;
      /** The table into which the same statement writes what it deletes; null where that is gone. */
      readonly keptIn: string | null;
    }
  | {
      readonly kind: "merge";
      readonly table: string;
      readonly sources: readonly string[];
      readonly deletes: boolean;
    }
  | { readonly kind: "truncate"; readonly tables: readonly string[]; readonly cascade: boolean }
  | { readonly kind: "copy-in"; readonly table: string }
  /** A query whose functions, if it calls any, are named: those of PostgreSQL that only read are not. */
  | { readonly kind: "select"; readonly functions: readonly string[]; readonly locksRows: boolean };

export type AccessChange =
  | {
      readonly kind: "grant";
      readonly on: readonly string[];
      readonly what: string;
      /** Roles; `PUBLIC` for everybody. */
      readonly to: readonly string[];
    }
  | {
      readonly kind: "revoke";
      readonly on: readonly string[];
      readonly what: string;
      readonly from: readonly string[];
    }
  | {
      readonly kind: "role";
      readonly role: string;
      readonly action: "create" | "alter" | "drop";
      /** `SUPERUSER`, `BYPASSRLS`, `CREATEROLE`, ...: those that it gets. */
      readonly powers: readonly string[];
      /** The statement holds its password. */
      readonly password: boolean;
    }
  | {
      readonly kind: "row-security";
      readonly table: string;
      readonly action: "enable" | "disable" | "force" | "no-force";
    }
  | {
      readonly kind: "policy";
      readonly table: string;
      readonly name: string;
      readonly action: "create" | "alter" | "drop";
    }
  | { readonly kind: "owner"; readonly of: string; readonly isTable: boolean };

export type SettingChange =
  /** `scope`: `local` to the transaction, else for the session. Value null for RESET and DEFAULT. */
  | {
      readonly kind: "set";
      readonly name: string;
      readonly value: string | null;
      readonly scope: "local" | "session";
    }
  /** For all connections to come: ALTER DATABASE, ROLE or SYSTEM SET. */
  | { readonly kind: "set-for-all"; readonly of: "database" | "role" | "system"; readonly name: string }
  | { readonly kind: "transaction"; readonly action: "begin" | "commit" | "rollback" | "savepoint" }
  | { readonly kind: "lock-table"; readonly tables: readonly string[]; readonly mode: LockMode }
  | { readonly kind: "vacuum"; readonly table: string | null; readonly full: boolean }
  | { readonly kind: "analyze"; readonly table: string | null }
  | { readonly kind: "cluster"; readonly table: string | null }
  /** Table null for what is neither a table nor a column of one. */
  | { readonly kind: "comment"; readonly table: string | null };

export interface ColumnFacts {
  readonly name: string;
  readonly type: TypeFacts;
  readonly notNull: boolean;
  /** Null without one. */
  readonly fallback: DefaultFacts | null;
  /** The default as SQL; null without one, and where it is too long a story. */
  readonly fallbackSql: string | null;
  readonly identity: boolean;
  readonly generated: "stored" | "virtual" | null;
}

export interface TypeFacts {
  /** As PostgreSQL calls it: `int4`, `varchar`, `timestamptz`; a type of one's own by its name. */
  readonly name: string;
  /** `[65, 30]` of numeric(65,30). */
  readonly modifiers: readonly number[];
  readonly array: boolean;
  /** As it was asked for: serial, and its kin, which are no types. */
  readonly serial: boolean;
}

/**
 * `constant` is a literal; `stable` is the same for all rows of a statement (now(), a volatility that PostgreSQL knows);
 * `volatile` is another for each row, or a function that is not known; null is NULL.
 */
export type DefaultFacts = "constant" | "stable" | "volatile" | "null";

export interface ConstraintFacts {
  readonly kind: "primary" | "unique" | "foreign" | "check" | "exclusion" | "not-null";
  /** Empty where PostgreSQL chooses it. */
  readonly name: string;
  /** Those that it speaks about; empty where that is not known. */
  readonly columns: readonly string[];
  readonly references: string | null;
  /** Those of the other table; empty for its primary key. */
  readonly referencedColumns: readonly string[];
  /** `ON UPDATE CASCADE ON DELETE RESTRICT`; empty without. */
  readonly onChange: string;
  /** What a check says, as SQL; null where it is too long a story. */
  readonly checkSql: string | null;
  /** The columns for which a null alone lets a row pass the check, whatever else is in it. */
  readonly passesOnNull: readonly string[];
  /** NULLS NOT DISTINCT: a second null is refused. */
  readonly nullsAreAlike: boolean;
  readonly notValid: boolean;
  /** PRIMARY KEY and UNIQUE by an index that is there. */
  readonly usingIndex: string | null;
  /** The column of which a check says that it is not null, and nothing else. */
  readonly provesNotNull: string | null;
}
