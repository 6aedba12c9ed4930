import type { Node } from "libpg-query";
import { as, strings } from "./nodes.ts";

/** The columns for which a null alone lets a row pass the check, whatever else is in the row. */
export function passingOnNull(check: Node | undefined, columns: readonly string[]): string[] {
  return check === undefined ? [] : columns.filter((column) => isNeverFalse(check, column));
}

/** True or null, in SQL's logic of three values: what a check lets pass. */
function isNeverFalse(node: Node, column: string): boolean {
  const logic = as(node, "BoolExpr");
  const parts = logic?.args ?? [];
  if (logic?.boolop === "AND_EXPR") return parts.every((part) => isNeverFalse(part, column));
  if (logic?.boolop === "OR_EXPR") return parts.some((part) => isNeverFalse(part, column));
  const test = as(node, "NullTest");
  if (test?.arg !== undefined) return test.nulltesttype === "IS_NULL" && isNull(test.arg, column);
  return isNull(node, column);
}

/** Only what is null for certain. */
function isNull(node: Node, column: string): boolean {
  const reference = as(node, "ColumnRef");
  if (reference !== undefined) return strings(reference.fields).at(-1) === column;
  const cast = as(node, "TypeCast");
  if (cast?.arg !== undefined) return isNull(cast.arg, column);
  const logic = as(node, "BoolExpr");
  if (logic !== undefined)
    return logic.boolop === "NOT_EXPR" && (logic.args ?? []).every((part) => isNull(part, column));
  const call = as(node, "FuncCall");
  if (call !== undefined)
    return (
      strictFunctions.has(
        strings(call.funcname)
          .filter((part) => part !== "pg_catalog")
          .join("."),
      ) && (call.args ?? []).some((argument) => isNull(argument, column))
    );
  const operation = as(node, "A_Expr");
  if (operation?.kind === undefined || !strictOperations.has(operation.kind)) return false;
  if (strings(operation.name).at(-1) === "||") return false;
  const isOfLeft = operation.kind !== "AEXPR_OP";
  return [operation.lexpr, isOfLeft ? undefined : operation.rexpr].some(
    (side) => side !== undefined && isNull(side, column),
  );
}

/** PostgreSQL's own operators answer null to null, but those that put something together. */
const strictOperations = new Set([
  "AEXPR_OP",
  "AEXPR_IN",
  "AEXPR_BETWEEN",
  "AEXPR_LIKE",
  "AEXPR_ILIKE",
  "AEXPR_SIMILAR",
]);

const strictFunctions = new Set(
  "length char_length octet_length lower upper btrim ltrim rtrim abs round floor ceil trunc jsonb_typeof array_length cardinality date_trunc".split(
    " ",
  ),
);
