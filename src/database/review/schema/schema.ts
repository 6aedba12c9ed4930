import type { Change, ColumnFacts, ConstraintFacts, TypeFacts } from "../change.ts";
import { applyChange } from "./apply.ts";
import { withSchemaOf } from "./names.ts";

export interface Column extends ColumnFacts {
  /** The migration that made it, counted from 0. */
  readonly since: number;
}

export interface Index {
  readonly name: string;
  readonly unique: boolean;
  readonly columns: readonly (string | null)[];
  readonly partial: boolean;
  readonly method: string;
  /** See the change `create-index`. */
  readonly ordinary: boolean;
}

export interface Table {
  readonly name: string;
  readonly columns: Map<string, Column>;
  readonly constraints: Map<string, ConstraintFacts>;
  readonly indexes: Map<string, Index>;
  readonly rowSecurity: boolean;
  /** Policies of row security, by name. */
  readonly policies: Set<string>;
  readonly partitioned: boolean;
  /** The columns that say to which of its partitions a row belongs; null for an expression. */
  readonly partitionKey: readonly (string | null)[];
  /** The partition that takes what no other one does. */
  readonly defaultPartition: string | null;
  /** Those that it is a part of. */
  readonly parents: Set<string>;
  /** The migration that made it, counted from 0; -1 where it may be older than all that was read. */
  readonly since: number;
  /** Made from a query: it may have columns that are not here. */
  readonly fromQuery: boolean;
}

export interface EnumType {
  /** Null for what is no enum: domains, composite types, ranges. */
  readonly values: readonly string[] | null;
  /** A domain that refuses some values. */
  readonly constrained: boolean;
  readonly since: number;
}

export interface View {
  readonly materialized: boolean;
  readonly since: number;
}

/** What the migrations read so far have made, as far as statements say it. Changed in place: histories are long. */
export class Schema {
  readonly tables = new Map<string, Table>();
  readonly types = new Map<string, EnumType>();
  readonly views = new Map<string, View>();
  /** Functions and sequences, and the migration that made them, counted from 0. */
  readonly functions = new Map<string, number>();
  readonly sequences = new Map<string, number>();
  /** By index, with its schema as tables have it: its table. */
  readonly indexes = new Map<string, string>();
  /** Indexes that a migration dropped, whether they were there or not. */
  readonly droppedIndexes = new Set<string>();
  /** Tables of the connection that reads a migration, gone with it. */
  readonly temporary = new Set<string>();
  /** Whether what is not here is nowhere: false where earlier statements could not be read, or were not given. */
  isComplete: boolean;
  /** The migration that is read, and the first one that live code does not know, counted from 0. */
  #reading = 0;
  #liveBefore = 0;

  constructor(options: { readonly isComplete: boolean }) {
    this.isComplete = options.isComplete;
  }

  /**
   * @param index -1 for one that live code knows
   * @param liveBefore what this migration and later ones made is new to the code that is live
   */
  beginMigration(index: number, liveBefore: number): void {
    this.temporary.clear();
    this.#reading = index;
    this.#liveBefore = liveBefore;
  }

  get reading(): number {
    return this.#reading;
  }

  apply(change: Change): void {
    applyChange(this, change);
  }

  /** A table that no live code knows: it has no rows that anybody misses, and nobody waits for it. */
  isNew(table: string): boolean {
    if (this.temporary.has(table)) return true;
    const found = this.tables.get(table);
    return found !== undefined && this.#isSinceLive(found);
  }

  isNewColumn(table: string, column: string): boolean {
    if (this.temporary.has(table)) return true;
    const found = this.tables.get(table);
    if (found === undefined) return false;
    const facts = found.columns.get(column);
    return this.#isSinceLive(found) || (facts !== undefined && this.#isSinceLive(facts));
  }

  /** Whether rows that are moved there stay. */
  keeps(table: string | null): boolean {
    return table !== null && !this.temporary.has(table);
  }

  isNewType(type: string): boolean {
    const found = this.types.get(type);
    return found !== undefined && this.#isSinceLive(found);
  }

  isNewView(view: string): boolean {
    const found = this.views.get(view);
    return found !== undefined && this.#isSinceLive(found);
  }

  isNewFunction(name: string): boolean {
    return this.#isSinceLive({ since: this.functions.get(name) ?? -1 });
  }

  isNewSequence(name: string): boolean {
    return this.#isSinceLive({ since: this.sequences.get(name) ?? -1 });
  }

  #isSinceLive({ since }: { readonly since: number }): boolean {
    return since >= this.#liveBefore;
  }

  column(table: string, column: string): Column | undefined {
    return this.tables.get(table)?.columns.get(column);
  }

  constraint(table: string, name: string): ConstraintFacts | undefined {
    return this.tables.get(table)?.constraints.get(name);
  }

  /** Whether an index refuses already what one on these columns would. */
  isProvenUnique(table: string, columns: readonly (string | null)[]): boolean {
    return [...(this.tables.get(table)?.indexes.values() ?? [])].some(
      ({ unique, partial, columns: own }) =>
        unique && !partial && own.every((column) => column !== null && columns.includes(column)),
    );
  }

  /** The primary key, where it is a single column. */
  keyOf(table: string): string | null {
    const found = this.tables.get(table);
    const key = [...(found?.constraints.values() ?? [])].find(({ kind }) => kind === "primary");
    const [column, ...others] =
      key === undefined || key.usingIndex === null
        ? (key?.columns ?? [])
        : (this.indexOf(table, key.name)?.columns ?? []);
    return column == null || others.length > 0 ? null : column;
  }

  /** By the name that DROP INDEX gives it. */
  index(name: string): Index | undefined {
    return this.tables.get(this.indexes.get(name) ?? "")?.indexes.get(name);
  }

  /** By the name that it has within the schema of its table. */
  indexOf(table: string, name: string): Index | undefined {
    return this.tables.get(table)?.indexes.get(withSchemaOf(table, name));
  }

  /** A check that is validated, or a primary key, proves that the column holds no null. */
  isProvenNotNull(table: string, column: string): boolean {
    const found = this.tables.get(table);
    if (found === undefined) return false;
    if (found.columns.get(column)?.notNull === true) return true;
    return [...found.constraints.values()].some(
      ({ provesNotNull, notValid }) => provesNotNull === column && !notValid,
    );
  }

  /** The partitions of a partitioned table, and those of its partitions. */
  partitionsOf(table: string): string[] {
    if (this.tables.get(table)?.partitioned !== true) return [];
    return [...this.tables.values()].flatMap(({ name, parents }) =>
      parents.has(table) ? [name, ...this.partitionsOf(name)] : [],
    );
  }

  /** The tables with a foreign key to this one. */
  referencing(table: string): string[] {
    return [...this.tables.values()].flatMap(({ name, constraints }) =>
      name !== table && [...constraints.values()].some(({ references }) => references === table)
        ? [name]
        : [],
    );
  }

  /** The type of a column, where it is known. */
  typeOf(table: string, column: string): TypeFacts | undefined {
    return this.column(table, column)?.type;
  }
}
