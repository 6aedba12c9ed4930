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
  /^(client_min_messages|work_mem|maintenance_work_mem|application_name|xmloption|check_function_bodies|max_parallel_\w+)$/;

/** How the text of statements is read, as this review reads it: with other values it is another text. */
const readingSettings: Readonly<Record<string, RegExp>> = {
  standard_conforming_strings: /^(on|true|yes|1)$/i,
  client_encoding: /^utf-?8$/i,
};

/** By these a name without a schema means what it is taken to mean here, or nothing at all. */
const plainPaths: ReadonlySet<string> = new Set(["", "public", "$user, public", '"$user", public']);

/** What connections have without it, or a property of the transaction that no statement means anything else by. */
function isPlainSetting(name: string, value: string | null): boolean {
  if (value === null) return name !== "SESSION CHARACTERISTICS" && name !== "TRANSACTION SNAPSHOT";
  return (name === "search_path" && plainPaths.has(value)) || readingSettings[name]?.test(value) === true;
}

const unseen = works("no query sees it");
const notThere = works("no code that is live uses what is new");

type Judges = { readonly [Kind in Change["kind"]]: (change: ChangeOf<Kind>, at: Situation) => OldCode };

const judges: Judges = {
  "create-table": ({ parents, temporary, table }, { schema, uses }) => {
    const isThere = !schema.isComplete || schema.tables.has(table) || schema.views.has(table);
    if (temporary && isThere && uses.table(table).state !== "unused")
      return unknown(`a temporary table hides ${table} from what follows`);
    const foreign = parents.find((parent) => !schema.isNew(parent));
    return foreign === undefined ? notThere : unknown(`queries of ${foreign} see its rows too`);
  },
  "drop-table": ({ table }, at) => {
    const whole = [...(at.schema.tables.get(table)?.parents ?? [])].find(
      (parent) => !at.schema.isNew(parent) && at.uses.table(parent).state !== "unused",
    );
    return whole === undefined || at.schema.isNew(table)
      ? ofTable(table, at)
      : mayBreak(`queries of ${whole} no longer see the rows of ${table}`);
  },
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
  "column-type": ({ table, column, to, using }, at) => {
    const from = at.schema.typeOf(table, column);
    if (at.schema.isNewColumn(table, column)) return notThere;
    if (!isWidening(from, to)) return retyped(from, to, at.uses.column(table, column), `${table}.${column}`);
    return using === "computed" && at.uses.column(table, column).state !== "unused"
      ? mayBreak(`it reads in ${table}.${column} what the expression made of each value`)
      : works("what code writes still fits, and what it reads is read as before");
  },
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
  "drop-default": ({ table, column }, at) => withoutDefault(table, column, at),
  "column-identity": ({ table, column, action, always }, at) => {
    if (action === "drop") return ofColumn(table, column, at);
    return always && !at.schema.isNewColumn(table, column) && at.uses.column(table, column).state !== "unused"
      ? mayBreak(`rows that it writes with a ${column} of its own are refused`)
      : works("numbers are given where it gives none");
  },
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
    if (found?.references != null && /ON DELETE (CASCADE|SET)/.test(found.onChange))
      return mayBreak(`rows of ${table} stay behind when it deletes those of ${found.references}`);
    return found?.kind === "primary" || found?.kind === "unique" || found === undefined
      ? mayBreak(`ON CONFLICT, foreign keys and code that rely on ${name} fail`)
      : works("what it writes is refused less often");
  },
  "rename-constraint": () => works("only ON CONFLICT ON CONSTRAINT and messages name it"),
  "alter-constraint": ({ table, name, enforces }, { schema }) =>
    enforces && !schema.isNew(table)
      ? mayBreak(`rows that break ${name} are refused`)
      : works("it is checked at another moment, or not at all"),
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
    schema.isNewType(type) ? notThere : ifUsed(useOfType(type, { schema, uses }), `the type ${type}`),
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
        : ifUsed(useOfType(type, { schema, uses }), `the type ${type} as it was`),
  "create-domain": () => notThere,
  "alter-domain": ({ type, narrows }, { uses, schema }) =>
    !narrows || schema.isNewType(type)
      ? works("it accepts what it accepted")
      : refusing(useOfType(type, { schema, uses }), type),
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
  "alter-sequence": ({ sequence, restarts, recounts }, { schema }) => {
    if (schema.isNewSequence(sequence)) return notThere;
    if (restarts) return unknown(`numbers of ${sequence} may come twice`);
    return recounts
      ? unknown(`numbers of ${sequence} may go another way, or come to an end`)
      : works("numbers are given as before");
  },
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
    harmlessSettings.test(name) || name.endsWith("_timeout") || isPlainSetting(name, value)
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

/** A type is used where code names it, and where a column has it that code uses. */
function useOfType(type: string, { schema, uses }: Pick<Situation, "schema" | "uses">): Use {
  const found = [uses.type(type)];
  for (const { name, columns } of schema.tables.values())
    for (const { name: column, type: own } of columns.values())
      if (own.name === type && !schema.isNewColumn(name, column)) found.push(uses.column(name, column));
  const first = (state: Use["state"]) => found.find((use) => use.state === state);
  const notKnown: Use = { state: "unknown", by: [] };
  return first("used") ?? first("unknown") ?? (schema.isComplete ? { state: "unused", by: [] } : notKnown);
}

function refusing(use: Use, type: string): OldCode {
  return use.state === "unused"
    ? ifUsed(use, `values of ${type}`)
    : mayBreak(`rows with values of ${type} that it refuses now fail, unless code never writes such`);
}

/** What a row holds in whose column code writes nothing, when there is no default. */
function withoutDefault(table: string, column: string, { schema, uses }: Situation): OldCode {
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
}

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
  const strict = hasValue
    ? undefined
    : constraints.find((constraint) => refusesNull(constraint, column.name));
  if (strict !== undefined)
    return mayBreak(`rows that it writes without ${column.name}, which it does not know, may be refused`);
  const other = constraints.find(
    ({ kind, columns }) => kind === "check" && columns.some((each) => each !== column.name),
  );
  if (other !== undefined && hasValue)
    return mayBreak(`the check of ${column.name} also speaks of ${other.columns.join(", ")}`);
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

/** Whether a row that leaves the column out, and so has null in it, may be refused for it. */
function refusesNull({ kind, passesOnNull, nullsAreAlike }: ConstraintFacts, column: string): boolean {
  return kind === "check" ? !passesOnNull.includes(column) : nullsAreAlike;
}

function uniqueIndex(
  { table, unique, columns, partial, nullsAreAlike }: ChangeOf<"create-index">,
  at: Situation,
): OldCode {
  if (!unique || at.schema.isProvenUnique(table, columns)) return works("queries are answered as before");
  const names = columns.flatMap((column) => column ?? []);
  const isUnclear = columns.includes(null) || nullsAreAlike;
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
    !facts.identity &&
    facts.generated === null &&
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
  const leftOut = constraint.passesOnNull.find((column) => isLeftOut(table, column, at));
  if (kind === "check" && leftOut !== undefined && !at.schema.isNew(table))
    return works(`it does not know ${leftOut}, and a row without one passes`);
  return narrowed(
    table,
    columns,
    at,
    `rows that break ${constraint.name === "" ? "it" : constraint.name} are refused`,
    kind === "check" || constraint.nullsAreAlike,
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
