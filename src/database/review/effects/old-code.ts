import type { Change, ChangeOf, ConstraintFacts, TypeFacts } from "../change.ts";
import type { Situation, Use } from "../situation.ts";
import type { OldCode } from "./effects.ts";
import { isKin, isWidening } from "./types.ts";

/** Whether code that knows nothing of the statement goes on working after it. */
export function oldCodeAfter(change: Change, at: Situation): OldCode {
  const judge = judges[change.kind] as (change: Change, at: Situation) => OldCode;
  return judge(change, at);
}

const works = (because: string): OldCode => ({ verdict: "works", because });
const breaks = (because: string): OldCode => ({ verdict: "breaks", because });
const mayBreak = (because: string): OldCode => ({ verdict: "may break", because });
const unknown = (because: string): OldCode => ({ verdict: "unknown", because });

/** What it takes away hurts whoever uses it. */
function ifUsed(use: Use, what: string): OldCode {
  if (use.state === "unused") return works(`no release that is live or that one may go back to uses ${what}`);
  if (use.state === "used") return breaks(`${use.by.join(", ")} uses ${what}, and fails`);
  return mayBreak(`code that uses ${what} fails`);
}

/** Those that change nothing of what statements do. */
const harmlessSettings =
  /_timeout$|^(client_min_messages|work_mem|maintenance_work_mem|application_name|client_encoding|standard_conforming_strings|xmloption|check_function_bodies|max_parallel_\w+)$/;

/** By these a name without a schema means what it is taken to mean here, or nothing at all. */
const plainPaths: ReadonlySet<string> = new Set(["", "public", "$user, public", '"$user", public']);

/** What connections have without it, or a property of the transaction that no statement means anything else by. */
function isPlainSetting(name: string, value: string | null): boolean {
  if (value === null) return name !== "SESSION CHARACTERISTICS" && name !== "TRANSACTION SNAPSHOT";
  return name === "search_path" && plainPaths.has(value);
}

const unseen = works("no query sees it");
const notThere = works("no code that is live uses what is new");

type Judges = { readonly [Kind in Change["kind"]]: (change: ChangeOf<Kind>, at: Situation) => OldCode };

const judges: Judges = {
  "create-table": ({ parents, temporary, table }, { schema, uses }) => {
    if (temporary && uses.table(table).state !== "unused")
      return unknown(`a temporary table hides ${table} from what follows`);
    const foreign = parents.find((parent) => !schema.isNew(parent));
    return foreign === undefined ? notThere : unknown(`queries of ${foreign} see its rows too`);
  },
  "drop-table": ({ table }, at) => ofTable(table, at),
  "rename-table": ({ table }, at) => ofTable(table, at),
  "move-table": ({ table }, at) => ofTable(table, at),
  "attach-partition": ({ table, partition }, { schema }) =>
    schema.isNew(table) || schema.isNew(partition)
      ? works("a partition without rows that anybody knows")
      : unknown(`queries of ${table} see the rows of ${partition} too`),
  "detach-partition": ({ table, partition }, { schema }) =>
    schema.isNew(table) ? notThere : mayBreak(`queries of ${table} no longer see the rows of ${partition}`),
  "rewrite-table": () => works("the same rows, written anew"),
  "set-parent": ({ parent, table }, { schema }) =>
    schema.isNew(parent)
      ? notThere
      : unknown(`queries of ${parent} see other rows than before: those of ${table}`),
  "table-option": () => unseen,
  "create-schema": ({ withElements }) =>
    withElements
      ? unknown("the statements inside CREATE SCHEMA are not read: write them on their own")
      : notThere,
  "drop-schema": ({ schema: name, cascade }, { schema }) => {
    const inside = [...schema.tables.keys()].filter((table) => table.startsWith(`${name}.`));
    if (!cascade && schema.isComplete && inside.length === 0) return works("it is empty");
    return mayBreak(`code that uses anything in ${name} fails`);
  },
  "rename-schema": ({ schema: name }) => mayBreak(`code that names ${name} fails`),
  "add-column": addColumn,
  "drop-column": ({ table, column }, at) => ofColumn(table, column, at),
  "rename-column": ({ table, column }, at) => ofColumn(table, column, at),
  "column-type": ({ table, column, to }, at) =>
    at.schema.isNewColumn(table, column) || isWidening(at.schema.typeOf(table, column), to)
      ? works("what code writes still fits, and what it reads is read as before")
      : retyped(at.schema.typeOf(table, column), to, at.uses.column(table, column), `${table}.${column}`),
  "set-not-null": ({ table, column }, at) =>
    at.schema.isProvenNotNull(table, column)
      ? works("it holds already")
      : narrowed(table, [column], at, `rows that it writes without ${column} are refused`),
  "drop-not-null": ({ table, column }, at) => {
    if (at.schema.isNewColumn(table, column)) return notThere;
    // Null is read by code that expects a value once the new code writes one.
    return works(`it has read a value in each row until new code leaves ${column} empty`);
  },
  "set-default": () => works("rows that it writes hold another value where it gives none"),
  "drop-default": ({ table, column }, { schema, uses }) => {
    const facts = schema.column(table, column);
    if (schema.isNewColumn(table, column)) {
      return facts?.notNull === true && !schema.isNew(table)
        ? breaks(`rows that it writes without ${column}, which it does not know, are refused`)
        : notThere;
    }
    if (facts !== undefined && !facts.notNull) return works("rows that it writes without it hold null");
    const use = uses.column(table, column);
    return use.state === "unused"
      ? ifUsed(use, `the default of ${table}.${column}`)
      : mayBreak(`rows that it writes without ${column} are refused`);
  },
  "column-identity": ({ table, column, action }, at) =>
    action === "drop" ? ofColumn(table, column, at) : works("numbers are given where it gives none"),
  "generated-expression": ({ table, column, action }, at) =>
    action === "drop"
      ? ofColumn(table, column, at)
      : works("the value is computed as before, by another expression"),
  "column-option": () => unseen,
  "add-constraint": ({ table, constraint }, at) => constrained(table, constraint, at),
  "validate-constraint": () => works("rows that are written obey it already"),
  "drop-constraint": ({ table, name }, { schema }) => {
    const found = schema.constraint(table, name);
    if (schema.isNew(table)) return notThere;
    return found?.kind === "primary" || found?.kind === "unique" || found === undefined
      ? mayBreak(`ON CONFLICT, foreign keys and code that rely on ${name} fail`)
      : works("what it writes is refused less often");
  },
  "rename-constraint": () => works("only ON CONFLICT ON CONSTRAINT and messages name it"),
  "alter-constraint": () => works("it is checked at another moment"),
  "create-index": uniqueIndex,
  "drop-index": ({ name }, { schema }) => {
    const index = schema.index(name);
    if (index === undefined)
      return schema.isComplete
        ? works("queries are answered as before, some more slowly")
        : unknown(`whether code relies on ${name} for ON CONFLICT is not known`);
    return index.unique
      ? mayBreak("code that relies on it for ON CONFLICT fails, and duplicates come in")
      : works("queries are answered as before, some more slowly");
  },
  "rename-index": () => unseen,
  "index-option": () => unseen,
  reindex: () => unseen,
  "create-type": () => notThere,
  "drop-type": ({ type }, { uses, schema }) =>
    schema.isNewType(type) ? notThere : ifUsed(uses.type(type), `the type ${type}`),
  "rename-type": ({ type }, { uses, schema }) =>
    schema.isNewType(type) ? notThere : ifUsed(uses.type(type), `the type ${type} by its name`),
  "add-enum-value": ({ type, value }, { schema, uses }) =>
    schema.isNewType(type) || uses.type(type).state === "unused"
      ? notThere
      : works(`until new code writes '${value}': old code that reads it may not know it`),
  "rename-enum-value": ({ type, value }, { uses, schema }) =>
    schema.isNewType(type) ? notThere : ifUsed(uses.type(type), `'${value}' of ${type}`),
  "alter-type": ({ type, action }, { uses, schema }) =>
    schema.isNewType(type)
      ? notThere
      : action === "other"
        ? unknown(`what it changes of ${type} is not read`)
        : ifUsed(uses.type(type), `the type ${type} as it was`),
  "create-domain": () => notThere,
  "alter-domain": ({ type, narrows }, { uses, schema }) =>
    !narrows || schema.isNewType(type)
      ? works("it accepts what it accepted")
      : ifUsed(uses.type(type), `values of ${type} that it refuses now`),
  "create-view": ({ orReplace, view, temporary }, { schema }) =>
    !temporary && schema.isNewView(view)
      ? notThere
      : (orReplace && !schema.isComplete) || schema.views.has(view) || temporary
        ? unknown(`${view} answers another query than before, which is not compared`)
        : notThere,
  "drop-view": ({ view }, { uses, schema }) =>
    schema.isNewView(view) ? notThere : ifUsed(uses.table(view), `the view ${view}`),
  "rename-view": ({ view }, { uses, schema }) =>
    schema.isNewView(view) ? notThere : ifUsed(uses.table(view), `the view ${view}`),
  "refresh-view": () => works("it shows what is there now"),
  "create-sequence": () => notThere,
  "alter-sequence": ({ sequence, restarts }, { schema }) =>
    restarts && !schema.isNewSequence(sequence)
      ? unknown(`numbers of ${sequence} may come twice`)
      : works("numbers are given as before"),
  "drop-sequence": ({ sequence }, { schema }) =>
    schema.isNewSequence(sequence) ? notThere : mayBreak(`code and defaults that use ${sequence} fail`),
  "create-function": ({ name, orReplace }, { schema }) =>
    orReplace && !schema.isNewFunction(name) && (!schema.isComplete || schema.functions.has(name))
      ? unknown(`${name} may do something else than before, and is not read`)
      : notThere,
  "drop-function": ({ name }, { schema }) =>
    schema.isNewFunction(name) ? notThere : mayBreak(`code, defaults and triggers that call ${name} fail`),
  "create-trigger": ({ table, name }, { schema }) =>
    schema.isNew(table) ? notThere : unknown(`${name} runs at each write to ${table}, and is not read`),
  "drop-trigger": ({ table, name }, { schema }) =>
    schema.isNew(table)
      ? notThere
      : unknown(`what ${name} did at each write to ${table} is not done any more`),
  "switch-trigger": ({ table, on }, { schema }) =>
    schema.isNew(table)
      ? notThere
      : unknown(`triggers of ${table} are switched ${on ? "on" : "off"} for all`),
  "event-trigger": ({ name, action }) =>
    unknown(
      action === "drop"
        ? `${name} no longer runs at statements that change the schema`
        : `${name} runs at statements that change the schema, and is not read`,
    ),
  "create-rule": ({ table, name }) => unknown(`${name} rewrites queries of ${table}, and is not read`),
  "drop-rule": ({ table, name }) => unknown(`queries of ${table} are no longer rewritten by ${name}`),
  "create-extension": () => notThere,
  "drop-extension": ({ name }) => mayBreak(`code that uses anything of ${name} fails`),
  insert: ({ table }) => works(`it sees rows in ${table} that it did not write`),
  update: ({ table }) => works(`it sees other values in ${table}`),
  delete: ({ table }) => works(`rows of ${table} that it may look for are gone`),
  merge: ({ table }) => works(`it sees other rows and values in ${table}`),
  truncate: ({ tables }) => mayBreak(`all rows of ${tables.join(", ")} are gone`),
  "copy-in": ({ table }) => works(`it sees rows in ${table} that it did not write`),
  select: ({ functions }) =>
    functions.length === 0
      ? works("a query that only reads")
      : unknown(`what ${functions.join(", ")} do is not read`),
  grant: () => works("it may do what it might, and more"),
  role: ({ role, action, powers, password }) => {
    if (action === "create") return notThere;
    if (action === "drop") return mayBreak(`code that connects as ${role} fails`);
    return powers.length > 0 && !password
      ? works(`${role} may do what it might, and more`)
      : unknown(`code that connects as ${role} may not get in, or may do less`);
  },
  revoke: ({ on }) =>
    unknown(`code may lack a right${on.length === 0 ? "" : ` on ${on.join(", ")}`} that it has now`),
  "row-security": ({ table, action }, { schema }) =>
    schema.isNew(table)
      ? notThere
      : unknown(
          `which rows of ${table} its user sees changes: row security is ${action === "enable" || action === "force" ? "on" : "off"}`,
        ),
  policy: ({ table }, { schema }) =>
    schema.isNew(table)
      ? notThere
      : schema.isComplete && schema.tables.get(table)?.rowSecurity === false
        ? works("policies are not asked before row security is on")
        : unknown(`which rows of ${table} its user sees may change`),
  owner: ({ of }) => unknown(`its user may not own ${of} any more`),
  set: ({ name, value }) =>
    harmlessSettings.test(name) || isPlainSetting(name, value)
      ? works("a setting of this connection")
      : unknown(`${name} may change what the statements after it mean`),
  "set-for-all": ({ of, name }) =>
    harmlessSettings.test(name)
      ? works("no statement means anything else by it")
      : unknown(`${name} is set for all connections of the ${of}`),
  transaction: ({ action }) =>
    action === "rollback"
      ? unknown("what came before it in its transaction does not happen, and is reviewed as if it did")
      : works("a boundary of transactions"),
  "lock-table": () => works("it waits until the migration has ended"),
  vacuum: () => unseen,
  analyze: () => unseen,
  cluster: () => unseen,
  comment: () => unseen,
  unknown: ({ what }) => unknown(`what ${what} does is not known here`),
};

function ofTable(table: string, { schema, uses }: Situation): OldCode {
  return schema.isNew(table) ? notThere : ifUsed(uses.table(table), table);
}

function ofColumn(table: string, column: string, { schema, uses }: Situation): OldCode {
  return schema.isNewColumn(table, column)
    ? notThere
    : ifUsed(uses.column(table, column), `${table}.${column}`);
}

function addColumn({ table, column, constraints }: ChangeOf<"add-column">, at: Situation): OldCode {
  if (at.schema.isNew(table)) return notThere;
  const hasValue =
    (column.fallback !== null && column.fallback !== "null") || column.identity || column.generated !== null;
  if (at.uses.table(table).state === "unused") return works(`nobody who is live uses ${table}`);
  if (column.notNull && !hasValue)
    return breaks(`rows that it writes without ${column.name}, which it does not know, are refused`);
  const narrow = constraints.find(({ kind }) => kind === "unique" || kind === "primary");
  if (narrow !== undefined && column.fallback === "constant")
    return breaks(`the second row that it writes holds the same ${column.name} again, and is refused`);
  return works("it does not know the column, and may leave it out");
}

/** Something is refused that was accepted: harmless where the code that is live does not know the columns. */
function narrowed(
  table: string,
  columns: readonly string[],
  at: Situation,
  how: string,
  isUnclear = false,
): OldCode {
  const { schema, uses } = at;
  if (schema.isNew(table)) return notThere;
  if (!isUnclear && columns.length > 0 && columns.every((column) => isLeftOut(table, column, at)))
    return works(`it does not know ${columns.join(", ")}`);
  if (uses.table(table).state === "unused") return works(`nobody who is live uses ${table}`);
  return mayBreak(`${how}, unless it never writes such rows`);
}

function uniqueIndex({ table, unique, columns, partial }: ChangeOf<"create-index">, at: Situation): OldCode {
  if (!unique || at.schema.isProvenUnique(table, columns)) return works("queries are answered as before");
  const names = columns.flatMap((column) => column ?? []);
  const isUnclear = columns.includes(null);
  const found = narrowed(table, names, at, "rows that it writes twice are refused", isUnclear);
  const isAlike = names.every(
    (name) => at.schema.isNewColumn(table, name) && at.schema.column(table, name)?.fallback === "constant",
  );
  return found.verdict === "may break" && isAlike && !isUnclear && !partial && names.length > 0
    ? breaks(`the second row that it writes holds the same ${names.join(", ")} again, and is refused`)
    : found;
}

/** Made since, and filled for whoever leaves it out by what obeys: null, or the default. */
function isLeftOut(table: string, column: string, { schema }: Situation): boolean {
  const facts = schema.column(table, column);
  return (
    facts !== undefined &&
    schema.isNewColumn(table, column) &&
    !facts.notNull &&
    (facts.fallback === null || facts.fallback === "null")
  );
}

function constrained(table: string, constraint: ConstraintFacts, at: Situation): OldCode {
  const { kind, columns, usingIndex, provesNotNull } = constraint;
  if (usingIndex !== null) return works("the index refuses the same already");
  if (kind === "not-null" || provesNotNull !== null) {
    const proven = columns.every((column) => at.schema.isProvenNotNull(table, column));
    if (proven) return works("it holds already");
    // A new column that may be left out is null then, which is what it refuses.
    if (at.schema.isNew(table)) return notThere;
    return at.uses.table(table).state === "unused"
      ? works(`nobody who is live uses ${table}`)
      : mayBreak(`rows that it writes without ${columns.join(", ")} are refused`);
  }
  return narrowed(
    table,
    columns,
    at,
    `rows that break ${constraint.name === "" ? "it" : constraint.name} are refused`,
  );
}

/** Another type of the same family is often read and written as before: by what is in it, and by how code reads it. */
function retyped(from: TypeFacts | undefined, to: TypeFacts, use: Use, name: string): OldCode {
  const what = `${name} as the type that it had`;
  if (use.state !== "used" || (from !== undefined && !isKin(from, to))) return ifUsed(use, what);
  return mayBreak(
    `${use.by.join(", ")} uses ${what}: it is read in another form, and what does not fit is refused`,
  );
}
