import type { Node } from "libpg-query";
import type { DefaultFacts } from "../change.ts";
import { as, each, strings } from "./nodes.ts";

/** How the value of a default is known: see DefaultFacts. */
export function defaultFacts(node: Node): DefaultFacts {
  if (isNull(node)) return "null";
  if (isConstant(node)) return "constant";
  return isStable(node) ? "stable" : "volatile";
}

function isNull(node: Node): boolean {
  const cast = as(node, "TypeCast");
  if (cast?.arg !== undefined) return isNull(cast.arg);
  return as(node, "A_Const")?.isnull === true;
}

/** A literal, with casts, signs and arrays of them: no function, no column, no time. */
export function isConstant(node: Node): boolean {
  if ("A_Const" in node) return true;
  const cast = as(node, "TypeCast");
  if (cast?.arg !== undefined) return isConstant(cast.arg) && !isMoment(cast.arg);
  const list = as(node, "A_ArrayExpr");
  if (list !== undefined) return (list.elements ?? []).every(isConstant);
  const operation = as(node, "A_Expr");
  return (
    operation?.kind === "AEXPR_OP" &&
    operation.lexpr === undefined &&
    operation.rexpr !== undefined &&
    isConstant(operation.rexpr)
  );
}

/** `'now'::timestamp` is a literal that means another value each time. */
function isMoment(argument: Node): boolean {
  const text = as(argument, "A_Const")?.sval?.sval;
  return text !== undefined && /^\s*(now|today|tomorrow|yesterday)\s*$/i.test(text);
}

/** Evaluated once for all rows that are there: ADD COLUMN with such a default writes no row anew. */
const stableFunctions = new Set([
  ..."now transaction_timestamp statement_timestamp current_setting current_database current_schema".split(
    " ",
  ),
  ..."to_timestamp to_date to_char jsonb_build_object jsonb_build_array json_build_object json_build_array".split(
    " ",
  ),
  ..."lower upper concat coalesce length md5 decode encode make_interval make_date array_to_string".split(
    " ",
  ),
]);

function isStable(node: Node): boolean {
  if (isConstant(node) || "SQLValueFunction" in node) return true;
  const cast = as(node, "TypeCast");
  if (cast?.arg !== undefined) return isMoment(cast.arg) || isStable(cast.arg);
  const call = as(node, "FuncCall");
  if (call !== undefined) {
    const names = strings(call.funcname);
    const isKnown = names.length === 1 || names[0] === "pg_catalog";
    return isKnown && stableFunctions.has(names.at(-1) ?? "") && (call.args ?? []).every(isStable);
  }
  const operation = as(node, "A_Expr");
  if (operation !== undefined) {
    return [operation.lexpr, operation.rexpr].every((side) => side === undefined || isStable(side));
  }
  const list = as(node, "A_ArrayExpr");
  return list !== undefined && (list.elements ?? []).every(isStable);
}

/** The columns that an expression names, each once. */
export function columnsIn(node: Node | undefined): string[] {
  const found = new Set<string>();
  visit(node, (kind, content) => {
    if (kind !== "ColumnRef") return;
    const name = strings((content as { fields?: Node[] }).fields).at(-1);
    if (name !== undefined) found.add(name);
  });
  return [...found];
}

/** Whether a text stands in it as a literal: `'open'`. */
export function hasLiteral(node: Node, text: string): boolean {
  let found = false;
  visit(node, (kind, content) => {
    if (kind === "A_Const" && (content as { sval?: { sval?: string } }).sval?.sval === text) found = true;
  });
  return found;
}

/** `a IS NOT NULL`: the column. */
export function provesNotNull(node: Node | undefined): string | null {
  const test = as(node, "NullTest");
  if (test?.nulltesttype !== "IS_NOT_NULL") return null;
  const fields = each(as(test.arg, "ColumnRef")?.fields, "String");
  return fields.length === 1 ? (fields[0]?.sval ?? null) : null;
}

/** Every node below, without recursion: an expression may be as deep as somebody likes. */
export function visit(root: unknown, see: (kind: string, content: object) => void): void {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== "object" || value === null) continue;
    for (const [key, content] of Object.entries(value)) {
      if (typeof content !== "object" || content === null) continue;
      if (/^[A-Z]/.test(key)) see(key, content as object);
      open.push(content);
    }
  }
}
