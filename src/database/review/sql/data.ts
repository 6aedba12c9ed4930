import type { DeleteStmt, InsertStmt, MergeStmt, Node, SelectStmt, UpdateStmt } from "libpg-query";
import type { Change, ChangeOf } from "../change.ts";
import { isConstant, visit } from "./expressions.ts";
import { doubtfulFunctions } from "./functions.ts";
import { as, each, kindOf, nameOf, spelled, strings, tableName } from "./nodes.ts";

/** What a query does besides reading: functions that it calls, and data-changing statements in its WITH. */
export function selected(query: Node | undefined): Change[] {
  const select = as(query, "SelectStmt");
  if (select === undefined)
    return query === undefined ? [] : [{ kind: "unknown", what: spelled(kindOf(query)) }];
  const alone = callsAlone(select);
  if (alone !== null) return alone;
  return [
    {
      kind: "select",
      functions: doubtfulFunctions(query),
      locksRows: (select.lockingClause ?? []).length > 0,
    },
    ...inWith(select.withClause),
  ];
}

export function insert(statement: InsertStmt): Change[] {
  const { relation, selectStmt, withClause, onConflictClause } = statement;
  const query = as(selectStmt, "SelectStmt");
  const table = tableName(relation);
  const fromQuery = query !== undefined && (query.valuesLists ?? []).length === 0;
  const source = onConflictClause === undefined && query !== undefined ? allOf(query) : null;
  const kept = source === null ? null : { from: source, in: table };
  return [
    {
      kind: "insert",
      table,
      fromQuery,
      sources: fromQuery ? tablesIn({ query, withClause }) : [],
      bounded: !fromQuery || isBoundedQuery(query),
      overwrites: onConflictClause?.action === "ONCONFLICT_UPDATE",
    },
    ...called(statement),
    ...inWith(withClause, kept),
    ...inWith(query?.withClause, kept),
  ];
}

export function update(statement: UpdateStmt): Change[] {
  const { relation, whereClause, targetList, withClause } = statement;
  return [
    {
      kind: "update",
      table: tableName(relation),
      where: whereClause !== undefined && !isAlwaysTrue(whereClause),
      columns: each(targetList, "ResTarget").flatMap(({ name }) => name ?? []),
      bounded: isBounded(whereClause),
    },
    ...called(statement),
    ...inWith(withClause),
  ];
}

/** @param keptIn the table into which what it returns is written */
export function deleted(statement: DeleteStmt, keptIn: string | null = null): Change[] {
  const { relation, whereClause, withClause, returningClause } = statement;
  return [
    {
      kind: "delete",
      table: tableName(relation),
      where: whereClause !== undefined && !isAlwaysTrue(whereClause),
      bounded: isBounded(whereClause),
      keptIn: returnsWhole(returningClause) ? keptIn : null,
    },
    ...called(statement),
    ...inWith(withClause),
  ];
}

export function merge(statement: MergeStmt): Change[] {
  const { relation, sourceRelation, withClause, mergeWhenClauses } = statement;
  return [
    {
      kind: "merge",
      table: tableName(relation),
      sources: tablesIn({ sourceRelation, withClause }),
      deletes: each(mergeWhenClauses, "MergeWhenClause").some(
        ({ commandType }) => commandType === "CMD_DELETE",
      ),
    },
    ...called(statement),
    ...inWith(withClause),
  ];
}

/** A statement that writes rows may do more by what it calls. */
function called(statement: object): Change[] {
  const functions = doubtfulFunctions(statement);
  return functions.length === 0 ? [] : [{ kind: "select", functions, locksRows: false }];
}

/**
 * The statements of a WITH that change data. They stand at its top: PostgreSQL takes them nowhere else.
 * @param kept the one whose rows go into a table, all of them
 */
function inWith(
  clause: { readonly ctes?: Node[] } | undefined,
  kept: { readonly from: string; readonly in: string } | null = null,
): Change[] {
  return each(clause?.ctes, "CommonTableExpr").flatMap(({ ctename, ctequery }) => {
    if (ctequery === undefined) return [];
    const keptIn = kept !== null && kept.from === ctename ? kept.in : null;
    if ("InsertStmt" in ctequery) return insert(ctequery.InsertStmt);
    if ("UpdateStmt" in ctequery) return update(ctequery.UpdateStmt);
    if ("DeleteStmt" in ctequery) return deleted(ctequery.DeleteStmt, keptIn);
    return "MergeStmt" in ctequery ? merge(ctequery.MergeStmt) : [];
  });
}

/** `SELECT * FROM gone`, and nothing that leaves out a row or a column: its name. */
function allOf({ targetList, fromClause, op, ...rest }: SelectStmt): string | null {
  const others = Object.keys(rest).filter((key) => key !== "limitOption" && key !== "withClause");
  const [column, ...columns] = each(targetList, "ResTarget");
  const [table, ...tables] = fromClause ?? [];
  const isWhole =
    others.length === 0 &&
    op === "SETOP_NONE" &&
    columns.length === 0 &&
    tables.length === 0 &&
    isStar(column?.val);
  const source = isWhole ? as(table, "RangeVar") : undefined;
  return source === undefined || source.schemaname !== undefined ? null : (source.relname ?? null);
}

function isStar(node: Node | undefined): boolean {
  return (as(node, "ColumnRef")?.fields ?? []).some((field) => "A_Star" in field);
}

/** `SELECT set_config('search_path', '', false)` is SET by another name, and setval is ALTER SEQUENCE. */
function callsAlone({ targetList, fromClause, whereClause, withClause }: SelectStmt): Change[] | null {
  if (fromClause !== undefined || whereClause !== undefined || withClause !== undefined) return null;
  const found = each(targetList, "ResTarget").map(({ val }) => settingIn(val) ?? restartIn(val));
  return found.length > 0 && found.every((each) => each !== null) ? found : null;
}

/** `setval('invoices', 1, false)`: a number that nobody has compared with those that are there. */
function restartIn(node: Node | undefined): ChangeOf<"alter-sequence"> | null {
  const call = as(node, "FuncCall");
  const names = strings(call?.funcname);
  const [sequence, value] = call?.args ?? [];
  if (names.at(-1) !== "setval" || (names.length > 1 && names[0] !== "pg_catalog")) return null;
  if (sequence === undefined || value === undefined || !isConstant(value)) return null;
  const text = as(as(sequence, "TypeCast")?.arg ?? sequence, "A_Const")?.sval?.sval;
  const parts = text?.match(/"(?:[^"]|"")+"|[^."]+/g);
  if (parts == null) return null;
  const name = nameOf(
    parts.map((part) =>
      part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase(),
    ),
  );
  return { kind: "alter-sequence", sequence: name, restarts: true, recounts: false };
}

function settingIn(node: Node | undefined): ChangeOf<"set"> | null {
  const call = as(node, "FuncCall");
  const names = strings(call?.funcname);
  if (names.at(-1) !== "set_config" || (names.length > 1 && names[0] !== "pg_catalog")) return null;
  const [name, value, local] = (call?.args ?? []).map((argument) => as(argument, "A_Const"));
  if (name?.sval === undefined || value?.sval === undefined || local?.boolval === undefined) return null;
  return {
    kind: "set",
    name: (name.sval.sval ?? "").toLowerCase(),
    value: value.sval.sval ?? "",
    scope: local.boolval.boolval === true ? "local" : "session",
  };
}

/** The tables that a query reads, without the names that its WITH gives. */
function tablesIn(root: object): string[] {
  const found = new Set<string>();
  const given = new Set<string>();
  visit(root, (kind, content) => {
    if (kind === "RangeVar") found.add(tableName(content));
    if (kind === "CommonTableExpr") given.add((content as { ctename?: string }).ctename ?? "");
  });
  return [...found].filter((table) => !given.has(table));
}

function isBoundedQuery({ whereClause, limitCount, fromClause, larg, rarg }: SelectStmt): boolean {
  if (limitCount !== undefined) return true;
  if (larg !== undefined && rarg !== undefined) return isBoundedQuery(larg) && isBoundedQuery(rarg);
  return (
    fromClause === undefined ||
    isBounded(whereClause) ||
    (fromClause.length === 1 && isOfValues(fromClause[0]))
  );
}

/** `(VALUES (1), (2)) AS item JOIN orders ON ...`: as many rows as are written there, and those that belong to them. */
function isOfValues(node: Node | undefined): boolean {
  const query = as(as(node, "RangeSubselect")?.subquery, "SelectStmt");
  if (query !== undefined) return (query.valuesLists ?? []).length > 0;
  const { jointype, larg, rarg, quals, usingClause } = as(node, "JoinExpr") ?? {};
  if (quals === undefined && usingClause === undefined) return false;
  if (jointype === "JOIN_INNER") return isOfValues(larg) || isOfValues(rarg);
  return jointype === "JOIN_LEFT" && isOfValues(larg);
}

/** Some condition compares with a constant, or takes a limited number of rows. */
function isBounded(where: Node | undefined): boolean {
  if (where === undefined || isAlwaysTrue(where)) return false;
  if ("CurrentOfExpr" in where) return true;
  const all = as(where, "BoolExpr");
  if (all?.boolop === "AND_EXPR") return (all.args ?? []).some(isBounded);
  if (all?.boolop === "OR_EXPR") return (all.args ?? []).every(isBounded);
  if (all !== undefined) return false;
  return comparesWithConstant(where) || hasLimit(where);
}

const limits = new Set(["=", "<", ">", "<=", ">=", "BETWEEN", "BETWEEN SYMMETRIC"]);

function comparesWithConstant(node: Node): boolean {
  const { kind, name, lexpr, rexpr } = as(node, "A_Expr") ?? {};
  if (kind === undefined || !limits.has(strings(name).join(""))) return false;
  // The sides of IN and BETWEEN are lists.
  const sides = [lexpr, rexpr].map((side) => as(side, "List")?.items ?? (side === undefined ? [] : [side]));
  return sides.some((nodes) => nodes.length > 0 && nodes.every(isGiven));
}

function isGiven(node: Node): boolean {
  return "ParamRef" in node || isConstant(node);
}

function hasLimit(node: Node): boolean {
  let found = false;
  visit(node, (kind, content) => {
    if (kind === "SelectStmt" && "limitCount" in content) found = true;
  });
  return found;
}

/** `RETURNING *`: the rows as they were. */
function returnsWhole(clause: DeleteStmt["returningClause"]): boolean {
  return each(clause?.exprs, "ResTarget").some(({ val }) => isStar(val));
}

/** `WHERE true`, `WHERE 1 = 1`. */
function isAlwaysTrue(node: Node): boolean {
  if (as(node, "A_Const")?.boolval?.boolval === true) return true;
  const { lexpr, rexpr, name } = as(node, "A_Expr") ?? {};
  const [left, right] = [as(lexpr, "A_Const"), as(rexpr, "A_Const")];
  if (left === undefined || right === undefined || strings(name).join("") !== "=") return false;
  return JSON.stringify({ ...left, location: 0 }) === JSON.stringify({ ...right, location: 0 });
}
