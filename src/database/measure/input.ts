/** What a run gets, as JSON. */
export interface MeasureInput {
  /** Those that the live database has, oldest first. */
  readonly earlier: readonly EarlierMigration[];
  /** Those that are to be measured, oldest first. */
  readonly statements: readonly StatementInput[];
  /** Rows of the largest table at the largest size. */
  readonly budgetRows: number;
  /** Of the budget, ascending: three or more. */
  readonly fractions: readonly number[];
  /** Runs without probes at each size. */
  readonly repeats: number;
  /** Real rows by table, where they are known: tables keep their proportions. */
  readonly tables: Readonly<Record<string, number>>;
}

export interface EarlierMigration {
  readonly name: string;
  /** Sent one after the other; mostly one, the whole file. */
  readonly parts: readonly string[];
}

export interface StatementInput {
  readonly migration: string;
  readonly path: string;
  readonly line: number;
  readonly sql: string;
  /** False for what PostgreSQL refuses in a transaction. */
  readonly transaction: boolean;
  /** Which of the file's transactions it is in when the file is sent at once, as Prisma does; from 0. */
  readonly nth: number;
  /** Relations that it names, for what is locked too briefly to be seen. */
  readonly names: readonly string[];
  /** Why it cannot be run at all: the file cannot be read, for instance. */
  readonly problem: string | null;
}
