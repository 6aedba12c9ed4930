import type { LockMode } from "../../lock-modes.ts";
import type { Change, ChangeOf, ConstraintFacts } from "../change.ts";
import type { Situation } from "../situation.ts";
import type { TableLock, Work } from "./effects.ts";
import { isBinaryCompatible } from "./types.ts";

/** The locks that a statement takes, and the tables that it reads or writes whole: PostgreSQL's manual, and measured on it. */
export function workOf(change: Change, at: Situation): Work {
  const find = works[change.kind] as ((change: Change, at: Situation) => Work) | undefined;
  const work = find?.(change, at) ?? nothing;
  const isOnly = change.kind === "create-index" && change.only;
  return reaching.has(change.kind) && !isOnly ? withPartitions(work, at) : work;
}

/** What is done to a partitioned table is done to each of its partitions. */
const reaching: ReadonlySet<Change["kind"]> = new Set([
  "add-column",
  "drop-column",
  "rename-column",
  "column-type",
  "set-not-null",
  "set-default",
  "drop-default",
  "add-constraint",
  "drop-constraint",
  "create-index",
  "create-trigger",
  "truncate",
  "lock-table",
  "update",
  "delete",
  "analyze",
]);

function withPartitions({ locks, rewrites, scans }: Work, { schema }: Situation): Work {
  // Rows are in the partitions: the parent itself is neither read nor written.
  const leaves = (tables: readonly string[]) =>
    tables.flatMap((table) => {
      const found = schema
        .partitionsOf(table)
        .filter((each) => schema.tables.get(each)?.partitioned !== true);
      return found.length === 0 ? [table] : found;
    });
  return {
    locks: locks.flatMap((each) => [
      each,
      ...schema.partitionsOf(each.table).map((table) => ({ ...each, table })),
    ]),
    rewrites: leaves(rewrites),
    scans: leaves(scans),
  };
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
      // Rows of the default partition may belong to the new one.
      ...parents.flatMap((parent) => defaultPartitionWork(parent, at)),
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
  "drop-table": ({ table, cascade }, { schema }) =>
    together(
      instant(table),
      // The parents of a partition, and its own partitions, but not those beside it.
      ...[...parentsOf(table, schema), ...schema.partitionsOf(table)].map((other) => instant(other)),
      ...(cascade ? schema.referencing(table).map((other) => instant(other)) : []),
      // Its foreign keys have triggers on the other side.
      ...[...(schema.tables.get(table)?.constraints.values() ?? [])].flatMap(({ references }) =>
        references === null || references === table ? [] : [instant(references)],
      ),
    ),
  "rename-table": ({ table }) => instant(table),
  "move-table": ({ table }) => instant(table),
  "attach-partition": ({ table, partition }, at) =>
    together(
      instant(table, "SHARE UPDATE EXCLUSIVE"),
      isProvenPartition(table, partition, at) ? instant(partition) : scan(partition, "ACCESS EXCLUSIVE"),
      ...defaultPartitionWork(table, at),
    ),
  "detach-partition": ({ table, partition, concurrently }) =>
    concurrently
      ? together(instant(table, "SHARE UPDATE EXCLUSIVE"), instant(partition, "SHARE UPDATE EXCLUSIVE"))
      : together(instant(table), instant(partition)),
  "drop-schema": ({ schema: name, cascade }, { schema }) =>
    cascade
      ? together(
          ...[...schema.tables.keys()].flatMap((table) =>
            table.startsWith(`${name}.`) ? [instant(table)] : [],
          ),
        )
      : nothing,
  "rewrite-table": ({ table }) => rewrite(table),
  "set-parent": ({ table, parent, inherits }) =>
    inherits ? together(instant(table), instant(parent, "SHARE UPDATE EXCLUSIVE")) : instant(table),
  "table-option": ({ table, what }) =>
    instant(table, what === "REPLICA IDENTITY" ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE"),
  "add-column": ({ table, column, constraints }, at) => {
    const isRewritten = writesEachRow(column, at);
    // Where each row holds null, no foreign key has to be looked up.
    const isNull = !isRewritten && (column.fallback === null || column.fallback === "null");
    return together(
      // A required column is null in each row that is there, which PostgreSQL looks for.
      isRewritten
        ? rewrite(table)
        : isNull && column.notNull && column.generated === null
          ? scan(table, "ACCESS EXCLUSIVE")
          : instant(table),
      ...constraints.map((constraint) =>
        constraintWork(
          table,
          constraint.kind === "foreign" && isNull ? { ...constraint, notValid: true } : constraint,
          at,
        ),
      ),
    );
  },
  "drop-column": ({ table, column }, { schema }) =>
    together(
      instant(table),
      ...[...(schema.tables.get(table)?.constraints.values() ?? [])].flatMap(({ references, columns }) =>
        references === null || references === table || !columns.includes(column) ? [] : [instant(references)],
      ),
    ),
  "rename-column": ({ table }) => instant(table),
  "column-type": ({ table, column, to, using }, { schema }) =>
    using === "computed" || using === "text" || !isBinaryCompatible(schema.typeOf(table, column), to)
      ? rewrite(table)
      : // A check is asked again, since it may mean something else for the other type.
        isChecked(schema, table, column)
        ? scan(table, "ACCESS EXCLUSIVE")
        : instant(table),
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
  "alter-constraint": ({ table, name, enforces }, { schema }) => {
    const other = enforces ? (schema.constraint(table, name)?.references ?? null) : null;
    return together(
      enforces ? scan(table, "SHARE ROW EXCLUSIVE") : instant(table, "SHARE ROW EXCLUSIVE"),
      other === null ? nothing : instant(other, "SHARE ROW EXCLUSIVE"),
    );
  },
  "create-index": ({ table, concurrently, only }, { schema }) =>
    only && schema.tables.get(table)?.partitioned === true
      ? instant(table, "SHARE")
      : scan(table, concurrently ? "SHARE UPDATE EXCLUSIVE" : "SHARE"),
  "drop-index": ({ name, concurrently }, { schema }) =>
    instant(
      schema.indexes.get(name) ?? `the table of ${name}`,
      concurrently ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE",
    ),
  "index-option": ({ name, movesFile }, { schema }) => {
    const table = schema.indexes.get(name) ?? `the table of ${name}`;
    return movesFile ? scan(table, "ACCESS EXCLUSIVE") : nothing;
  },
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
  "alter-domain": ({ type, narrows, notValid, validates }, { schema }) =>
    (narrows && !notValid) || validates
      ? together(...tablesWith(schema, type).map((table) => scan(table, "SHARE")))
      : nothing,
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
  truncate: ({ tables, cascade }, { schema }) =>
    together(...(cascade ? withReferencing(schema, tables) : tables).map((table) => instant(table))),
  "row-security": ({ table }) => instant(table),
  policy: ({ table }) => instant(table),
  owner: ({ of, isTable }) => (isTable ? instant(of) : nothing),
  "lock-table": ({ tables, mode }) => together(...tables.map((table) => instant(table, mode))),
  vacuum: ({ table, full }) => {
    const name = table ?? "every table";
    return full ? rewrite(name) : instant(name, "SHARE UPDATE EXCLUSIVE");
  },
  comment: ({ table }) => (table === null ? nothing : instant(table, "SHARE UPDATE EXCLUSIVE")),
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
          indexColumns(schema, table, usingIndex, columns).every((column) =>
            schema.isProvenNotNull(table, column),
          ));
  return isCheap ? instant(table) : scan(table, "ACCESS EXCLUSIVE");
}

function indexColumns(
  schema: Situation["schema"],
  table: string,
  index: string,
  columns: readonly string[],
): readonly string[] {
  const found = schema.indexOf(table, index);
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
  // A domain may refuse the value, also null: PostgreSQL asks it for each row.
  if (schema.types.get(column.type.name)?.constrained === true) return true;
  if (column.fallback === null || column.fallback === "null") return false;
  return postgres < 11 || column.fallback === "volatile";
}

/** The partitioned tables that a table is a partition of. */
function parentsOf(table: string, schema: Situation["schema"]): string[] {
  return [...(schema.tables.get(table)?.parents ?? [])].filter(
    (parent) => schema.tables.get(parent)?.partitioned === true,
  );
}

function isChecked(schema: Situation["schema"], table: string, column: string): boolean {
  return [...(schema.tables.get(table)?.constraints.values() ?? [])].some(
    ({ kind, columns }) => kind === "check" && columns.includes(column),
  );
}

/** Whether a valid check on the key of the partitions is there: what it says is taken to be the bound. */
export function isProvenPartition(table: string, partition: string, { schema }: Situation): boolean {
  const key = schema.tables.get(table)?.partitionKey ?? [];
  if (key.length === 0 || key.includes(null)) return false;
  return [...(schema.tables.get(partition)?.constraints.values() ?? [])].some(
    ({ kind, columns, notValid, provesNotNull }) =>
      kind === "check" &&
      !notValid &&
      provesNotNull === null &&
      key.every((column) => column !== null && columns.includes(column)),
  );
}

function defaultPartitionWork(table: string, { schema }: Situation): Work[] {
  const other = schema.tables.get(table)?.defaultPartition ?? null;
  return other === null ? [] : [scan(other, "ACCESS EXCLUSIVE")];
}

/** TRUNCATE CASCADE empties the tables that refer to these, and those that refer to them. */
export function withReferencing(schema: Situation["schema"], tables: readonly string[]): string[] {
  const found = new Set(tables);
  for (const table of found) for (const other of schema.referencing(table)) found.add(other);
  return [...found];
}

function tablesWith(schema: Situation["schema"], type: string): string[] {
  return [...schema.tables.values()].flatMap(({ name, columns }) =>
    [...columns.values()].some((column) => column.type.name === type) ? [name] : [],
  );
}
