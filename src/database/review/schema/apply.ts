import type { Change, ChangeOf, ColumnFacts, ConstraintFacts } from "../change.ts";
import { withSchemaOf } from "./names.ts";
import type { Index, Schema, Table } from "./schema.ts";

/** Changes the schema as the statement would. What speaks of a table that is not known changes nothing. */
export function applyChange(schema: Schema, change: Change): void {
  const apply = appliers[change.kind] as ((schema: Schema, change: Change) => void) | undefined;
  apply?.(schema, change);
}

const appliers: { readonly [Kind in Change["kind"]]?: (schema: Schema, change: ChangeOf<Kind>) => void } = {
  "create-table": createTable,
  "drop-table": (schema, { table }) => {
    if (!schema.temporary.delete(table)) removeTable(schema, table);
  },
  "drop-schema": (schema, { schema: name }) => {
    for (const table of [...schema.tables.keys()])
      if (table.startsWith(`${name}.`)) removeTable(schema, table);
  },
  "rename-table": (schema, { table, to }) => {
    moveTable(schema, table, withSchemaOf(table, to));
  },
  "move-table": (schema, { table, toSchema }) => {
    const bare = table.split(".").at(-1) ?? table;
    moveTable(schema, table, toSchema === "public" ? bare : `${toSchema}.${bare}`);
  },
  "add-column": (schema, { table, column, constraints, ifNotExists }) => {
    const found = schema.tables.get(table);
    if (found === undefined || (ifNotExists && found.columns.has(column.name))) return;
    addColumn(schema, found, column);
    // It may have been there all the time.
    const isDoubtful = ifNotExists && (!schema.isComplete || found.fromQuery);
    if (isDoubtful) found.columns.set(column.name, { ...column, since: -1 });
    for (const constraint of constraints) addConstraint(schema, found, constraint);
  },
  "drop-column": (schema, { table, column }) => {
    const found = schema.tables.get(table);
    if (found === undefined) return;
    found.columns.delete(column);
    for (const [name, { columns }] of found.constraints)
      if (columns.includes(column)) found.constraints.delete(name);
    for (const { name, columns } of [...found.indexes.values()])
      if (columns.includes(column)) removeIndex(schema, name);
  },
  "rename-column": (schema, { table, column, to }) => {
    const found = schema.tables.get(table);
    const facts = found?.columns.get(column);
    if (found === undefined || facts === undefined) return;
    found.columns.delete(column);
    found.columns.set(to, { ...facts, name: to });
    const renamed = (name: string) => (name === column ? to : name);
    for (const [name, constraint] of found.constraints) {
      const { provesNotNull } = constraint;
      found.constraints.set(name, {
        ...constraint,
        columns: constraint.columns.map(renamed),
        provesNotNull: provesNotNull === null ? null : renamed(provesNotNull),
      });
    }
    for (const [name, index] of found.indexes)
      found.indexes.set(name, { ...index, columns: index.columns.map((each) => each && renamed(each)) });
  },
  "column-type": (schema, { table, column, to }) => {
    change(schema, table, column, { type: to });
  },
  "set-not-null": (schema, { table, column }) => {
    change(schema, table, column, { notNull: true });
  },
  "drop-not-null": (schema, { table, column }) => {
    change(schema, table, column, { notNull: false });
  },
  "set-default": (schema, { table, column, value }) => {
    change(schema, table, column, { fallback: value });
  },
  "drop-default": (schema, { table, column }) => {
    change(schema, table, column, { fallback: null });
  },
  "column-identity": (schema, { table, column, action }) => {
    change(schema, table, column, { identity: action !== "drop" });
  },
  "generated-expression": (schema, { table, column, action }) => {
    if (action === "drop") change(schema, table, column, { generated: null });
  },
  "add-constraint": (schema, { table, constraint }) => {
    const found = schema.tables.get(table);
    if (found !== undefined) addConstraint(schema, found, constraint);
  },
  "validate-constraint": (schema, { table, name }) => {
    const constraint = schema.constraint(table, name);
    if (constraint === undefined) return;
    schema.tables.get(table)?.constraints.set(name, { ...constraint, notValid: false });
    if (constraint.kind === "not-null")
      for (const column of constraint.columns) change(schema, table, column, { notNull: true });
  },
  "drop-constraint": (schema, { table, name }) => {
    const constraint = schema.constraint(table, name);
    schema.tables.get(table)?.constraints.delete(name);
    removeIndex(schema, withSchemaOf(table, name));
    if (constraint?.kind === "not-null")
      for (const column of constraint.columns) change(schema, table, column, { notNull: false });
  },
  "rename-constraint": (schema, { table, name, to }) => {
    const found = schema.tables.get(table);
    const constraint = found?.constraints.get(name);
    if (found === undefined || constraint === undefined) return;
    found.constraints.delete(name);
    found.constraints.set(to, { ...constraint, name: to });
    renameIndex(schema, withSchemaOf(table, name), to);
  },
  "attach-partition": (schema, { table, partition, isDefaultPartition }) => {
    schema.tables.get(partition)?.parents.add(table);
    if (isDefaultPartition) setDefaultPartition(schema, table, partition);
  },
  "detach-partition": (schema, { table, partition }) => {
    schema.tables.get(partition)?.parents.delete(table);
    if (schema.tables.get(table)?.defaultPartition === partition) setDefaultPartition(schema, table, null);
  },
  "set-parent": (schema, { table, parent, inherits }) => {
    const parents = schema.tables.get(table)?.parents;
    if (inherits) parents?.add(parent);
    else parents?.delete(parent);
  },
  "create-index": (schema, { table, name, unique, columns, partial, method, ordinary, ifNotExists }) => {
    const found = schema.tables.get(table);
    if (found === undefined) return;
    const full = withSchemaOf(table, name === "" ? defaultIndexName(schema, found, columns) : name);
    if (ifNotExists && schema.indexes.has(full)) return;
    schema.droppedIndexes.delete(full);
    addIndex(schema, found, { name: full, unique, columns, partial, method, ordinary });
  },
  "drop-index": (schema, { name }) => {
    removeIndex(schema, name);
    schema.droppedIndexes.add(name);
  },
  "rename-index": (schema, { name, to }) => {
    renameIndex(schema, name, to);
  },
  "create-type": (schema, { type, values }) => {
    schema.types.set(type, { values, constrained: false, since: schema.reading });
  },
  "create-domain": (schema, { type, constrained }) => {
    schema.types.set(type, { values: null, constrained, since: schema.reading });
  },
  "alter-domain": (schema, { type, narrows }) => {
    const found = schema.types.get(type);
    if (found !== undefined && narrows) schema.types.set(type, { ...found, constrained: true });
  },
  "drop-type": (schema, { type }) => {
    schema.types.delete(type);
  },
  "rename-type": (schema, { type, to }) => {
    const found = schema.types.get(type);
    schema.types.delete(type);
    const name = withSchemaOf(type, to);
    if (found !== undefined) schema.types.set(name, found);
    for (const { columns } of schema.tables.values())
      for (const [column, facts] of columns)
        if (facts.type.name === type) columns.set(column, { ...facts, type: { ...facts.type, name } });
  },
  "add-enum-value": (schema, { type, value }) => {
    const found = schema.types.get(type);
    if (found?.values != null) schema.types.set(type, { ...found, values: [...found.values, value] });
  },
  "rename-enum-value": (schema, { type, value, to }) => {
    const found = schema.types.get(type);
    if (found?.values == null) return;
    schema.types.set(type, { ...found, values: found.values.map((each) => (each === value ? to : each)) });
  },
  "create-view": (schema, { view, materialized, temporary, ifNotExists }) => {
    // Replaced, it is as old as it was.
    if (!temporary && !schema.views.has(view))
      schema.views.set(view, {
        materialized,
        since: ifNotExists && !schema.isComplete ? -1 : schema.reading,
      });
  },
  "drop-view": (schema, { view }) => {
    schema.views.delete(view);
  },
  "rename-view": (schema, { view, column, to }) => {
    const found = schema.views.get(view);
    if (found === undefined || column !== null) return;
    schema.views.delete(view);
    schema.views.set(withSchemaOf(view, to), found);
  },
  "create-function": (schema, { name, orReplace }) => {
    // One that may have been there is not new.
    if (!orReplace || schema.isComplete)
      schema.functions.set(name, schema.functions.get(name) ?? schema.reading);
  },
  "drop-function": (schema, { name }) => {
    schema.functions.delete(name);
  },
  "create-sequence": (schema, { sequence, ifNotExists }) => {
    const isDoubtful = ifNotExists && !schema.isComplete;
    if (!schema.sequences.has(sequence) && !isDoubtful) schema.sequences.set(sequence, schema.reading);
  },
  "drop-sequence": (schema, { sequence }) => {
    schema.sequences.delete(sequence);
  },
  "row-security": (schema, { table, action }) => {
    const found = schema.tables.get(table);
    if (found === undefined || action === "force" || action === "no-force") return;
    schema.tables.set(table, { ...found, rowSecurity: action === "enable" });
  },
  policy: (schema, { table, name, action }) => {
    const policies = schema.tables.get(table)?.policies;
    if (action === "create") policies?.add(name);
    if (action === "drop") policies?.delete(name);
  },
  unknown: (schema) => {
    schema.isComplete = false;
  },
};

function createTable(schema: Schema, statement: ChangeOf<"create-table">): void {
  const { table, columns, constraints, ifNotExists, parents, like, partitioned, partitionKey } = statement;
  if (statement.temporary) schema.temporary.add(table);
  // It may be there with other columns than these.
  if (statement.temporary || (ifNotExists && schema.tables.has(table))) return;
  const made: Table = {
    name: table,
    columns: new Map(),
    constraints: new Map(),
    indexes: new Map(),
    rowSecurity: false,
    policies: new Set(),
    partitioned,
    partitionKey,
    defaultPartition: null,
    parents: new Set(parents),
    // It may be older than what was read.
    since: ifNotExists && !schema.isComplete ? -1 : schema.reading,
    fromQuery: statement.fromQuery,
  };
  schema.tables.set(table, made);
  if (statement.isDefaultPartition) for (const parent of parents) setDefaultPartition(schema, parent, table);
  for (const other of [...parents, ...like])
    for (const column of schema.tables.get(other)?.columns.values() ?? []) addColumn(schema, made, column);
  for (const column of columns) addColumn(schema, made, column);
  for (const constraint of constraints) addConstraint(schema, made, constraint);
}

function setDefaultPartition(schema: Schema, table: string, defaultPartition: string | null): void {
  const found = schema.tables.get(table);
  if (found !== undefined) schema.tables.set(table, { ...found, defaultPartition });
}

function addColumn(schema: Schema, table: Table, column: ColumnFacts): void {
  table.columns.set(column.name, { ...column, since: schema.reading });
}

function addConstraint(schema: Schema, table: Table, constraint: ConstraintFacts): void {
  const name = constraint.name === "" ? defaultName(table, constraint) : constraint.name;
  table.constraints.set(name, { ...constraint, name });
  const isProof = constraint.kind === "primary" || (constraint.kind === "not-null" && !constraint.notValid);
  if (isProof) for (const column of constraint.columns) change(schema, table.name, column, { notNull: true });
  if (constraint.kind !== "primary" && constraint.kind !== "unique") return;
  if (constraint.usingIndex !== null)
    renameIndex(schema, withSchemaOf(table.name, constraint.usingIndex), name);
  else
    addIndex(schema, table, {
      name: withSchemaOf(table.name, name),
      ...{ unique: true, columns: constraint.columns, partial: false, method: "btree", ordinary: true },
    });
}

/** As PostgreSQL names an index that has no name; those of expressions are `expr`. */
function defaultIndexName(schema: Schema, table: Table, columns: readonly (string | null)[]): string {
  const bare = table.name.slice(withSchemaOf(table.name, "").length);
  const base = [bare, ...columns.map((column) => column ?? "expr"), "idx"].join("_");
  let chosen = base;
  for (let count = 1; schema.indexes.has(withSchemaOf(table.name, chosen)); count++)
    chosen = `${base}${String(count)}`;
  return chosen;
}

/** As PostgreSQL names those that have no name, where it is not taken yet. */
function defaultName({ name, constraints }: Table, { kind, columns }: ConstraintFacts): string {
  const bare = name.split(".").at(-1) ?? name;
  const suffix = {
    primary: "pkey",
    unique: "key",
    foreign: "fkey",
    check: "check",
    exclusion: "excl",
    "not-null": "not_null",
  }[kind];
  const base = kind === "primary" ? `${bare}_pkey` : [bare, ...columns, suffix].join("_");
  let chosen = base;
  for (let count = 1; constraints.has(chosen); count++) chosen = `${base}${String(count)}`;
  return chosen;
}

function addIndex(schema: Schema, table: Table, index: Index): void {
  table.indexes.set(index.name, index);
  schema.indexes.set(index.name, table.name);
}

function removeIndex(schema: Schema, name: string): void {
  const table = schema.indexes.get(name);
  if (table === undefined) return;
  schema.indexes.delete(name);
  schema.tables.get(table)?.indexes.delete(name);
}

function renameIndex(schema: Schema, name: string, to: string): void {
  const table = schema.tables.get(schema.indexes.get(name) ?? "");
  const index = table?.indexes.get(name);
  if (table === undefined || index === undefined) return;
  removeIndex(schema, name);
  addIndex(schema, table, { ...index, name: withSchemaOf(table.name, to) });
}

function change(schema: Schema, table: string, column: string, facts: Partial<ColumnFacts>): void {
  const found = schema.tables.get(table);
  const before = found?.columns.get(column);
  if (before !== undefined) found?.columns.set(column, { ...before, ...facts });
}

function removeTable(schema: Schema, name: string): void {
  for (const index of schema.tables.get(name)?.indexes.keys() ?? []) schema.indexes.delete(index);
  schema.tables.delete(name);
}

function moveTable(schema: Schema, from: string, to: string): void {
  const found = schema.tables.get(from);
  if (found === undefined) return;
  schema.tables.delete(from);
  const moved = { ...found, name: to, indexes: new Map<string, Index>() };
  schema.tables.set(to, moved);
  for (const [name, index] of found.indexes) {
    schema.indexes.delete(name);
    // Indexes are in the schema of their table.
    const bare = name.slice(withSchemaOf(from, "").length);
    addIndex(schema, moved, { ...index, name: withSchemaOf(to, bare) });
  }
}
