import type { Node, PartitionBoundSpec, TypeName } from "libpg-query";
import { as, each, strings } from "./nodes.ts";
import { quotedPart } from "./quoted.ts";

/** A simple expression as SQL: literals, functions, casts, operators. Null for all others. */
export function written(node: Node): string | null {
  const constant = as(node, "A_Const");
  if (constant !== undefined) return constantText(constant);
  const cast = as(node, "TypeCast");
  if (cast?.arg !== undefined) return joined([written(cast.arg), typeText(cast.typeName)], "::");
  const column = as(node, "ColumnRef");
  if (column !== undefined) {
    const names = strings(column.fields);
    return names.length === column.fields?.length ? names.map(quotedPart).join(".") : null;
  }
  const test = as(node, "NullTest");
  if (test?.arg !== undefined)
    return joined([written(test.arg), test.nulltesttype === "IS_NULL" ? "IS NULL" : "IS NOT NULL"], " ");
  const logic = as(node, "BoolExpr");
  if (logic !== undefined) {
    const parts = (logic.args ?? []).map(written);
    if (logic.boolop === "NOT_EXPR") return joined(["NOT", ...parts], " ");
    const text = joined(parts, logic.boolop === "AND_EXPR" ? " AND " : " OR ");
    return text === null ? null : `(${text})`;
  }
  const call = as(node, "FuncCall");
  if (call !== undefined) return callText(call);
  const value = as(node, "SQLValueFunction");
  if (value !== undefined) return valueFunctions[value.op ?? ""] ?? null;
  const operation = as(node, "A_Expr");
  if (operation?.kind !== "AEXPR_OP" || operation.rexpr === undefined) return null;
  const operator = strings(operation.name).join(".");
  const right = written(operation.rexpr);
  if (operation.lexpr === undefined) return right === null ? null : `${operator}${right}`;
  const text = joined([written(operation.lexpr), operator, right], " ");
  return text === null ? null : `(${text})`;
}

/** The same without the parentheses around the whole. */
export function writtenCondition(node: Node): string | null {
  const text = written(node);
  const isWrapped = "A_Expr" in node || "BoolExpr" in node;
  return isWrapped && text?.startsWith("(") === true ? text.slice(1, -1) : text;
}

/** What a check of the partition says, so that its rows are not read when it is attached. */
export function boundText(
  bound: PartitionBoundSpec | undefined,
): ((key: readonly string[]) => string) | null {
  if (bound === undefined || bound.is_default === true) return null;
  if (bound.strategy === "l") {
    const values = (bound.listdatums ?? []).map(written);
    if (values.includes(null) || values.includes("NULL")) return null;
    return ([column = ""]) => `${column} IS NOT NULL AND ${column} IN (${values.join(", ")})`;
  }
  const [lower, upper, ...others] = [...(bound.lowerdatums ?? []), ...(bound.upperdatums ?? [])];
  // Of a range over several columns only the ends are simple: that one is for a person to write.
  if (bound.strategy !== "r" || others.length > 0 || lower === undefined || upper === undefined) return null;
  const ends = [
    { operator: ">=", node: lower },
    { operator: "<", node: upper },
  ].filter(({ node }) => as(node, "ColumnRef") === undefined);
  const values = ends.map(({ operator, node }) => ({ operator, text: written(node) }));
  if (values.some(({ text }) => text === null)) return null;
  return ([column = ""]) =>
    [
      `${column} IS NOT NULL`,
      ...values.map(({ operator, text }) => `${column} ${operator} ${text ?? ""}`),
    ].join(" AND ");
}

type Constant = Extract<Node, { readonly A_Const: unknown }>["A_Const"];

function constantText({ isnull, sval, ival, fval, boolval }: Constant): string | null {
  if (isnull === true) return "NULL";
  if (sval !== undefined) {
    const text = sval.sval ?? "";
    return `${text.includes("\\") ? "E" : ""}'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
  }
  if (ival !== undefined) return String(ival.ival ?? 0);
  if (fval !== undefined) return fval.fval ?? null;
  return boolval === undefined ? null : String(boolval.boolval ?? false);
}

type Call = Extract<Node, { readonly FuncCall: unknown }>["FuncCall"];

function callText({ funcname, args = [], ...rest }: Call): string | null {
  const name = strings(funcname);
  if (Object.keys(rest).some((key) => key !== "location" && key !== "funcformat")) return null;
  if (!name.every((part) => /^[a-z_][a-z0-9_]*$/.test(part))) return null;
  const list = joined(args.map(written), ", ");
  return list === null ? null : `${name.filter((part) => part !== "pg_catalog").join(".")}(${list})`;
}

function typeText(type: TypeName | undefined): string | null {
  const names = strings(type?.names).filter((part) => part !== "pg_catalog");
  const modifiers = (type?.typmods ?? []).map(written);
  // The modifier of an interval is a set of bits, which nobody writes.
  const isInterval = names.at(-1) === "interval" && modifiers.length > 0;
  if (names.length === 0 || isInterval || modifiers.includes(null)) return null;
  // Names of types such as timestamp are no names of columns, and stay as they are.
  const name = names.map((part) => (/^[a-z_][a-z0-9_]*$/.test(part) ? part : quotedPart(part))).join(".");
  const array = each(type?.arrayBounds, "Integer").length > 0 ? "[]" : "";
  return `${name}${modifiers.length === 0 ? "" : `(${modifiers.join(", ")})`}${array}`;
}

const valueFunctions: Readonly<Record<string, string>> = {
  SVFOP_CURRENT_DATE: "CURRENT_DATE",
  SVFOP_CURRENT_TIME: "CURRENT_TIME",
  SVFOP_CURRENT_TIMESTAMP: "CURRENT_TIMESTAMP",
  SVFOP_LOCALTIME: "LOCALTIME",
  SVFOP_LOCALTIMESTAMP: "LOCALTIMESTAMP",
  SVFOP_CURRENT_USER: "CURRENT_USER",
};

function joined(parts: readonly (string | null)[], by: string): string | null {
  return parts.includes(null) ? null : parts.join(by);
}
