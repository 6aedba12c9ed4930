import type { DeleteStmt, InsertStmt, MergeStmt, Node, SelectStmt, UpdateStmt } from "libpg-query";
import type { Change, ChangeOf } from "../change.ts";
import { isConstant, visit } from "./expressions.ts";
import { doubtfulFunctions } from "./functions.ts";
import { as, each, strings, tableName } from "./nodes.ts";

/** What a query does besides reading: functions that it calls, and data-changing statements in its WITH. */
export function selected(query: Node | undefined): Change[] {
  const select = as(query, "SelectStmt");
  if (select === undefined) return [];
  const settings = settingsIn(select);
  if (settings !== null) return settings;
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
  const { relation, selectStmt, withClause } = statement;
  const query = as(selectStmt, "SelectStmt");
  const table = tableName(relation);
  const fromQuery = query !== undefined && (query.valuesLists ?? []).length === 0;
  return [
    {
      kind: "insert",
      table,
      fromQuery,
      sources: fromQuery ? tablesIn({ query, withClause }) : [],
      bounded: !fromQuery || isBoundedQuery(query),
    },
    ...called(statement),
    ...inWith(withClause, table),
    ...inWith(query?.withClause, table),
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

/** The statements of a WITH that change data. They stand at its top: PostgreSQL takes them nowhere else. */
function inWith(clause: { readonly ctes?: Node[] } | undefined, keptIn: string | null = null): Change[] {
  return each(clause?.ctes, "CommonTableExpr").flatMap(({ ctequery }) => {
    if (ctequery === undefined) return [];
    if ("InsertStmt" in ctequery) return insert(ctequery.InsertStmt);
    if ("UpdateStmt" in ctequery) return update(ctequery.UpdateStmt);
    if ("DeleteStmt" in ctequery) return deleted(ctequery.DeleteStmt, keptIn);
    return "MergeStmt" in ctequery ? merge(ctequery.MergeStmt) : [];
  });
}

/** `SELECT set_config('search_path', '', false)` is SET by another name. */
function settingsIn({ targetList, fromClause, whereClause, withClause }: SelectStmt): Change[] | null {
  if (fromClause !== undefined || whereClause !== undefined || withClause !== undefined) return null;
  const found = each(targetList, "ResTarget").map(({ val }) => settingIn(val));
  return found.length > 0 && found.every((each) => each !== null) ? found : null;
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
  return fromClause === undefined || isBounded(whereClause);
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
  return each(clause?.exprs, "ResTarget").some(({ val }) =>
    (as(val, "ColumnRef")?.fields ?? []).some((field) => "A_Star" in field),
  );
}

/** `WHERE true`, `WHERE 1 = 1`. */
function isAlwaysTrue(node: Node): boolean {
  if (as(node, "A_Const")?.boolval?.boolval === true) return true;
  const { lexpr, rexpr, name } = as(node, "A_Expr") ?? {};
  const [left, right] = [as(lexpr, "A_Const"), as(rexpr, "A_Const")];
  if (left === undefined || right === undefined || strings(name).join("") !== "=") return false;
  return JSON.stringify({ ...left, location: 0 }) === JSON.stringify({ ...right, location: 0 });
}
