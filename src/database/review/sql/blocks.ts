import type { Node } from "libpg-query";
import { as, each } from "./nodes.ts";

/**
 * The statements in the body of a DO block in PL/pgSQL, as far as they stand there as such, each once and without its
 * texts. Empty where the body cannot be read.
 */
export function statementsInBlock(node: Node, parsePlPgSQL: (sql: string) => unknown): string[] {
  const body = bodyOf(node);
  // It is one more text for the same parser: nothing that it could break at is worth it.
  if (body === null || body.length > longest || (body.match(nesting)?.length ?? 0) > deepest) return [];
  try {
    return [
      ...new Set(
        textsIn(parsePlPgSQL(`CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS ${dollars(body)}`)),
      ),
    ];
  } catch {
    // It says more to whoever decides, and nothing relies on it.
    return [];
  }
}

const longest = 100_000;
const deepest = 500;
const nesting = /\b(?:if|loop|begin|case)\b|[-+*/<>=|:([]/gi;

function bodyOf(node: Node): string | null {
  const options = each(as(node, "DoStmt")?.args, "DefElem");
  const text = (name: string) => as(options.find(({ defname }) => defname === name)?.arg, "String")?.sval;
  return (text("language") ?? "plpgsql") === "plpgsql" ? (text("as") ?? null) : null;
}

/** As a literal between dollars that do not stand in it. */
function dollars(body: string): string {
  let tag = "$body$";
  while (body.includes(tag)) tag = `$x${tag.slice(1)}`;
  return `${tag}${body}${tag}`;
}

function textsIn(root: unknown): string[] {
  const found: string[] = [];
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== "object" || value === null) continue;
    for (const [key, content] of Object.entries(value).reverse()) {
      if (key === "PLpgSQL_stmt_dynexecute") found.push("EXECUTE of a text that it puts together");
      if (key === "PLpgSQL_stmt_execsql" || key === "PLpgSQL_stmt_perform") found.push(textOf(content));
      open.push(content);
    }
  }
  return found.filter((text) => text !== "");
}

function textOf(statement: unknown): string {
  const { sqlstmt, expr } = statement as Readonly<Record<string, { PLpgSQL_expr?: { query?: string } }>>;
  const query = (sqlstmt ?? expr)?.PLpgSQL_expr?.query ?? "";
  const line = query
    .slice(0, 500)
    .replace(/'(?:[^']|'')*'?/g, "'...'")
    .replace(/\s+/g, " ")
    .trim();
  return line.length <= 60 ? line : `${line.slice(0, 57)}...`;
}
