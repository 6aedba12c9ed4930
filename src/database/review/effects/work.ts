import type { Change, ChangeOf, ConstraintFacts, LockMode } from "../change.ts";
import type { Situation } from "../situation.ts";
import type { TableLock, Work } from "./effects.ts";
import { isBinaryCompatible } from "./types.ts";

/** The locks that a statement takes, and the tables that it reads or writes whole: PostgreSQL's manual, and measured on it. */
export function workOf(change: Change, at: Situation): Work {
  const find = works[change.kind] as ((change: Change, at: Situation) => Work) | undefined;
  return find?.(change, at) ?? nothing;
}

const nothing: Work = { locks: [], rewrites: [], scans: [] };

const lock = (table: string, mode: LockMode, held: TableLock["held"] = "instant"): TableLock => ({
  table,
  mode,
  held,
});
const instant = (table: string, mode: LockMode = "ACCESS EXCLUSIVE"): Work => ({
  ...nothing,
  locks: [lock(table, mode)],
});
const scan = (table: string, mode: LockMode): Work => ({
  locks: [lock(table, mode, "growing")],
  rewrites: [],
  scans: [table],
});
const rewrite = (table: string): Work => ({
  locks: [lock(table, "ACCESS EXCLUSIVE", "growing")],
  rewrites: [table],
  scans: [],
});

/** Both at once, with the strongest lock of each table. */
function together(...works: readonly Work[]): Work {
  return {
    locks: works.flatMap(({ locks }) => locks),
    rewrites: [...new Set(works.flatMap(({ rewrites }) => rewrites))],
    scans: [...new Set(works.flatMap(({ scans }) => scans))],
  };
}

type Works = { readonly [Kind in Change["kind"]]?: (change: ChangeOf<Kind>, at: Situation) => Work };

const works: Works = {
  "create-table": ({ parents, partitioned, constraints, table }, at) =>
    together(
      ...parents.map((parent) =>
        instant(
          parent,
          at.schema.tables.get(parent)?.partitioned === true || partitioned
            ? "ACCESS EXCLUSIVE"
            : "SHARE UPDATE EXCLUSIVE",
        ),
      ),
      ...referencesOf(constraints, table),
    ),
  "drop-table": ({ table }, { schema }) =>
    together(
      instant(table),
      // Its foreign keys have triggers on the other side.
      ...[...(schema.tables.get(table)?.constraints.values() ?? [])].flatMap(({ references }) =>
        references === null || references === table ? [] : [instant(references)],
      ),
    ),
  "rename-table": ({ table }) => instant(table),
  "move-table": ({ table }) => instant(table),
  "attach-partition": ({ table, partition }) =>
    together(instant(table, "SHARE UPDATE EXCLUSIVE"), scan(partition, "ACCESS EXCLUSIVE")),
  "detach-partition": ({ table, partition, concurrently }) =>
    concurrently
      ? together(instant(table, "SHARE UPDATE EXCLUSIVE"), instant(partition, "SHARE UPDATE EXCLUSIVE"))
      : together(instant(table), instant(partition)),
  "rewrite-table": ({ table }) => rewrite(table),
  "set-parent": ({ table, parent }) => together(instant(table), instant(parent, "SHARE UPDATE EXCLUSIVE")),
  "table-option": ({ table, what }) =>
    instant(table, what === "REPLICA IDENTITY" ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE"),
  "add-column": ({ table, column, constraints }, at) => {
    const isRewritten = writesEachRow(column, at);
    const checks = constraints.filter(({ kind }) => kind === "check" || kind === "foreign");
    return together(
      isRewritten ? rewrite(table) : instant(table),
      ...constraints.map((constraint) => constraintWork(table, constraint, at)),
      ...(checks.length > 0 && !isRewritten ? [scan(table, "ACCESS EXCLUSIVE")] : []),
    );
  },
  "drop-column": ({ table }) => instant(table),
  "rename-column": ({ table }) => instant(table),
  "column-type": ({ table, column, to, using }, { schema }) =>
    using !== "computed" && isBinaryCompatible(schema.typeOf(table, column), to)
      ? instant(table)
      : rewrite(table),
  "set-not-null": ({ table, column }, { schema }) =>
    schema.isProvenNotNull(table, column) ? instant(table) : scan(table, "ACCESS EXCLUSIVE"),
  "drop-not-null": ({ table }) => instant(table),
  "set-default": ({ table }) => instant(table),
  "drop-default": ({ table }) => instant(table),
  "column-identity": ({ table }) => instant(table),
  "generated-expression": ({ table, column, action }, { schema }) =>
    action === "set" && schema.column(table, column)?.generated !== "virtual"
      ? rewrite(table)
      : instant(table),
  "column-option": ({ table, what }) =>
    instant(table, /STATISTICS|OPTIONS/.test(what) ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE"),
  "add-constraint": ({ table, constraint }, at) => constraintWork(table, constraint, at),
  "validate-constraint": ({ table, name }, { schema }) => {
    const other = schema.constraint(table, name)?.references ?? null;
    return together(
      scan(table, "SHARE UPDATE EXCLUSIVE"),
      other === null ? nothing : instant(other, "ROW SHARE"),
    );
  },
  "drop-constraint": ({ table, name }, { schema }) => {
    const other = schema.constraint(table, name)?.references ?? null;
    return together(instant(table), other === null ? nothing : instant(other));
  },
  "rename-constraint": ({ table }) => instant(table),
  "alter-constraint": ({ table }) => instant(table, "SHARE ROW EXCLUSIVE"),
  "create-index": ({ table, concurrently }) => scan(table, concurrently ? "SHARE UPDATE EXCLUSIVE" : "SHARE"),
  "drop-index": ({ name, concurrently }, { schema }) =>
    instant(
      schema.indexes.get(name) ?? `the table of ${name}`,
      concurrently ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE",
    ),
  reindex: ({ what, name, concurrently }, { schema }) => {
    const table =
      what === "index"
        ? (schema.indexes.get(name) ?? `the table of ${name}`)
        : what === "table"
          ? name
          : `every table of ${what} ${name}`;
    // Planning a query locks all indexes of its tables: readers wait too.
    return scan(table, concurrently ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE");
  },
  "alter-domain": ({ type, narrows, notValid }, { schema }) =>
    narrows && !notValid
      ? together(...tablesWith(schema, type).map((table) => scan(table, "SHARE")))
      : nothing,
  "alter-type": ({ type }, { schema }) =>
    together(...tablesWith(schema, type).map((table) => instant(table))),
  "refresh-view": ({ view, concurrently }) => scan(view, concurrently ? "EXCLUSIVE" : "ACCESS EXCLUSIVE"),
  "drop-view": ({ view }) => instant(view),
  "rename-view": ({ view }) => instant(view),
  "create-view": ({ view, orReplace }) => (orReplace ? instant(view) : nothing),
  "create-trigger": ({ table }) => instant(table, "SHARE ROW EXCLUSIVE"),
  "switch-trigger": ({ table }) => instant(table, "SHARE ROW EXCLUSIVE"),
  "drop-trigger": ({ table }) => instant(table),
  "create-rule": ({ table }) => instant(table),
  "drop-rule": ({ table }) => instant(table),
  insert: ({ table }) => instant(table, "ROW EXCLUSIVE"),
  update: ({ table, where }) => (where ? instant(table, "ROW EXCLUSIVE") : scan(table, "ROW EXCLUSIVE")),
  delete: ({ table, where }) => (where ? instant(table, "ROW EXCLUSIVE") : scan(table, "ROW EXCLUSIVE")),
  merge: ({ table }) => instant(table, "ROW EXCLUSIVE"),
  "copy-in": ({ table }) => instant(table, "ROW EXCLUSIVE"),
  truncate: ({ tables }) => together(...tables.map((table) => instant(table))),
  "row-security": ({ table }) => instant(table),
  policy: ({ table }) => instant(table),
  "lock-table": ({ tables, mode }) => together(...tables.map((table) => instant(table, mode))),
  vacuum: ({ table, full }) => {
    const name = table ?? "every table";
    return full ? rewrite(name) : instant(name, "SHARE UPDATE EXCLUSIVE");
  },
  analyze: ({ table }) => instant(table ?? "every table", "SHARE UPDATE EXCLUSIVE"),
  cluster: ({ table }) => rewrite(table ?? "every clustered table"),
};

function constraintWork(table: string, constraint: ConstraintFacts, { schema }: Situation): Work {
  const { kind, notValid, usingIndex, references, columns } = constraint;
  if (kind === "foreign") {
    const own = notValid ? instant(table, "SHARE ROW EXCLUSIVE") : scan(table, "SHARE ROW EXCLUSIVE");
    return references === null || references === table
      ? own
      : together(own, instant(references, "SHARE ROW EXCLUSIVE"));
  }
  const isCheap =
    kind === "check" || kind === "not-null"
      ? notValid
      : usingIndex !== null &&
        (kind !== "primary" ||
          indexColumns(schema, usingIndex, columns).every((column) => schema.isProvenNotNull(table, column)));
  return isCheap ? instant(table) : scan(table, "ACCESS EXCLUSIVE");
}

function indexColumns(
  schema: Situation["schema"],
  index: string,
  columns: readonly string[],
): readonly string[] {
  const found = schema.tables.get(schema.indexes.get(index) ?? "")?.indexes.get(index);
  return found === undefined
    ? columns.length > 0
      ? columns
      : [""]
    : found.columns.map((column) => column ?? "");
}

function referencesOf(constraints: readonly ConstraintFacts[], table: string): Work[] {
  return constraints.flatMap(({ references }) =>
    references === null || references === table ? [] : [instant(references, "SHARE ROW EXCLUSIVE")],
  );
}

/** Whether the rows that are there need a value each. */
function writesEachRow(column: ChangeOf<"add-column">["column"], { postgres, schema }: Situation): boolean {
  if (column.identity || column.type.serial || column.generated === "stored") return true;
  if (column.fallback === null || column.fallback === "null") return false;
  return postgres < 11 || column.fallback === "volatile" || isDomain(schema, column.type.name);
}

/** Its checks may refuse the default, which is then computed for each row. */
function isDomain(schema: Situation["schema"], type: string): boolean {
  return schema.types.get(type)?.values === null;
}

function tablesWith(schema: Situation["schema"], type: string): string[] {
  return [...schema.tables.values()].flatMap(({ name, columns }) =>
    [...columns.values()].some((column) => column.type.name === type) ? [name] : [],
  );
}
