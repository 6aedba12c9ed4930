import type { Node, ParseResult } from "libpg-query";
import { statementsInBlock } from "./blocks.ts";
import { isTooDeep } from "./depth.ts";

/** One statement of a file, as PostgreSQL's own grammar reads it. Offsets are bytes of UTF-8. */
export interface Statement {
  readonly node: Node;
  /** Where it begins. */
  readonly offset: number;
  /** From the end of the one before, with the comments above it, to its own end. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** The statements of a DO block, as far as they can be read: see blocks.ts. */
  readonly inside: readonly string[];
}

export type Parsed =
  | {
      readonly ok: true;
      readonly statements: readonly Statement[];
      /** 1 for the first. */
      readonly lineAt: (offset: number) => number;
    }
  | { readonly ok: false; readonly line: number; readonly message: string };

/** Reads SQL with the parser of PostgreSQL 18. */
export async function parseSql(sql: string): Promise<Parsed> {
  const { loadModule, parseSync, parsePlPgSQLSync, hasSqlDetails } = await import("libpg-query");
  await loadModule();
  const bytes = Buffer.from(sql, "utf8");
  const lineAt = linesOf(bytes);
  const fault = faultOf(sql);
  if (fault !== null)
    return {
      ok: false,
      line: lineAt(Buffer.byteLength(sql.slice(0, fault.index))),
      message: fault.message,
    };
  if (sql.trim() === "") return { ok: true, statements: [], lineAt };
  try {
    const { stmts = [] } = parseSync(sql);
    return { ok: true, statements: statementsOf(stmts, bytes, parsePlPgSQLSync), lineAt };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // All but an error in the SQL left the parser's own memory as it was in the middle of its work.
    if (!(error instanceof Error) || error.name !== "SqlError") parser.isBroken = true;
    // The places of errors are characters.
    const characters = hasSqlDetails(error) ? Math.max(error.sqlDetails?.cursorPosition ?? 0, 0) : 0;
    const before = Array.from(sql).slice(0, characters).join("");
    return { ok: false, line: lineAt(Buffer.byteLength(before)), message };
  }
}

const parser = { isBroken: false };

/** What the parser is not asked to read, since it would stop early, never end, or not be right afterwards. */
function faultOf(sql: string): { readonly index: number; readonly message: string } | null {
  if (parser.isBroken) return { index: 0, message: "it stopped at something before, and is not asked again" };
  if (sql.startsWith("\ufeff"))
    return { index: 0, message: "it begins with a byte order mark, which PostgreSQL takes for a letter" };
  const zero = sql.indexOf("\0");
  if (zero >= 0) return { index: zero, message: "a zero byte, after which nothing is read" };
  const half = sql.search(loneSurrogate);
  if (half >= 0) return { index: half, message: "half a character" };
  const endless = sql.search(longOperator);
  if (endless >= 0) return { index: endless, message: "thousands of characters of operators in a row" };
  return isTooDeep(sql) ? { index: 0, message: "it is nested too deeply" } : null;
}

/** No text in UTF-8 holds one: names would be read as others. */
const loneSurrogate = /\p{Surrogate}/u;

/** PostgreSQL's scanner looks at such a run once for each of its characters, and so for hours at a long one. */
const longOperator = /[-+*/<>=~!@#%^&|`?]{10000}/;

type RawStatement = NonNullable<ParseResult["stmts"]>[number];

function statementsOf(
  list: readonly RawStatement[],
  bytes: Buffer,
  parsePlPgSQL: (sql: string) => unknown,
): Statement[] {
  let from = 0;
  return list.flatMap(({ stmt: node, stmt_location: start = 0, stmt_len: length = 0 }) => {
    if (node === undefined) return [];
    const to = length === 0 ? bytes.length : start + length;
    const offset = afterComments(bytes, start, to);
    const text = bytes.subarray(offset, to).toString("utf8").trim();
    const inside = "DoStmt" in node ? statementsInBlock(node, parsePlPgSQL) : [];
    const statement = { node, offset, from, to, text, inside };
    // Behind the semicolon: PostgreSQL 18 does not count the comments that follow to any statement.
    from = to + 1;
    return [statement];
  });
}

/** The first byte that is neither white space nor part of a comment. */
function afterComments(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const two = bytes.toString("latin1", at, at + 2);
    if (/^\s/.test(two)) at++;
    else if (two === "--") at = endOfLine(bytes, at, end);
    else if (two === "/*") at = endOfBlock(bytes, at, end);
    else return at;
  }
  return start;
}

function endOfLine(bytes: Buffer, at: number, end: number): number {
  const found = bytes.indexOf("\n", at);
  return found < 0 ? end : found + 1;
}

/** Block comments nest in PostgreSQL. */
function endOfBlock(bytes: Buffer, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; at++) {
    const two = bytes.toString("latin1", at, at + 2);
    if (two === "/*") depth++;
    if (two === "*/") depth--;
    if (two === "/*" || two === "*/") at++;
    if (depth === 0) return at + 1;
  }
  return end;
}

/** The line of an offset, by halving: a file may have many of both. */
function linesOf(bytes: Buffer): (offset: number) => number {
  const ends: number[] = [];
  for (let at = bytes.indexOf("\n"); at >= 0; at = bytes.indexOf("\n", at + 1)) ends.push(at);
  return (offset) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}
