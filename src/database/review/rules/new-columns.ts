import type { Change, ColumnFacts, ConstraintFacts } from "../change.ts";
import { listed, named, quoted } from "./names.ts";
import type { RuleSituation, SafeStep } from "./rule.ts";

export interface NewColumn {
  readonly table: string;
  readonly column: ColumnFacts;
  /** By ADD COLUMN. */
  readonly isAdded: boolean;
  /** Those of its table's definition, or of its own. */
  readonly constraints: readonly ConstraintFacts[];
}

/**
 * The columns that a migration makes in a form that it may regret, told once at the first statement that makes one:
 * null at all others, and where there is none. Such advice is for the time before the column has rows.
 */
export function newColumnsLike(
  change: Change,
  { file }: RuleSituation,
  isMeant: (column: NewColumn) => boolean,
): { readonly first: NewColumn; readonly names: string } | null {
  const own = madeBy(change).filter(isMeant);
  const first = own[0];
  if (first === undefined) return null;
  if (file.changes.slice(0, file.position).some((earlier) => madeBy(earlier).some(isMeant))) return null;
  const all = [
    ...own,
    ...file.changes
      .slice(file.position + 1)
      .flatMap(madeBy)
      .filter(isMeant),
  ];
  return { first, names: listed(all.map(({ table, column }) => `${table}.${column.name}`)) };
}

/** The same column in another form. @param condition a check that it needs besides */
export function madeAs({ table, column, isAdded }: NewColumn, type: string, condition?: string): SafeStep[] {
  const name = quoted(column.name);
  if (!isAdded) {
    const check = condition === undefined ? "" : ` CHECK (${condition})`;
    return [{ sql: `CREATE TABLE ${quoted(table)} (${name} ${type}${check});` }];
  }
  const check = named(table, column.name, "check");
  return [
    { sql: `ALTER TABLE ${quoted(table)} ADD COLUMN ${name} ${type};` },
    ...(condition === undefined
      ? []
      : [
          { sql: `ALTER TABLE ${quoted(table)} ADD CONSTRAINT ${check} CHECK (${condition}) NOT VALID;` },
          { sql: `ALTER TABLE ${quoted(table)} VALIDATE CONSTRAINT ${check};` },
        ]),
  ];
}

function madeBy(change: Change): NewColumn[] {
  if (change.kind === "add-column")
    return [{ table: change.table, column: change.column, isAdded: true, constraints: change.constraints }];
  if (change.kind !== "create-table" || change.temporary) return [];
  const { table, columns, constraints } = change;
  return columns.map((column) => ({ table, column, isAdded: false, constraints }));
}

/** A primary key of four bytes or less that counts: a key that code gives may never be large. */
export function isNumberedKey({ column, constraints }: NewColumn): boolean {
  const { name, type, identity } = column;
  if (type.name !== "int4" && type.name !== "int2") return false;
  if (!type.serial && !identity) return false;
  return constraints.some(
    ({ kind, columns }) => kind === "primary" && columns.length === 1 && columns[0] === name,
  );
}
