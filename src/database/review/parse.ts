import type { Node, ParseResult } from "libpg-query";

/** One statement of a file, as PostgreSQL's own grammar reads it. */
export interface Statement {
  readonly node: Node;
  /** Where it begins, in bytes. */
  readonly offset: number;
  readonly text: string;
}

export type Parsed =
  | {
      readonly ok: true;
      readonly statements: readonly Statement[];
      readonly lineAt: (offset: number) => number;
    }
  | { readonly ok: false; readonly line: number; readonly message: string };

/** Reads SQL with the parser of PostgreSQL 18. The places that it answers are bytes of UTF-8; those of its errors, characters. */
export async function parseSql(sql: string): Promise<Parsed> {
  const { parse, hasSqlDetails } = await import("libpg-query");
  const bytes = Buffer.from(sql, "utf8");
  const zero = sql.indexOf("\0");
  if (zero >= 0)
    return { ok: false, line: lineOf(bytes, zero), message: "a zero byte, after which nothing is read" };
  if (sql.trim() === "") return { ok: true, statements: [], lineAt: () => 1 };
  try {
    const { stmts = [] } = await parse(sql);
    return {
      ok: true,
      statements: stmts.flatMap((raw) => statementOf(raw, bytes)),
      lineAt: (offset) => lineOf(bytes, offset),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const characters = hasSqlDetails(error) ? Math.max(error.sqlDetails?.cursorPosition ?? 0, 0) : 0;
    const before = Array.from(sql).slice(0, characters);
    return { ok: false, line: before.filter((character) => character === "\n").length + 1, message };
  }
}

type RawStatement = NonNullable<ParseResult["stmts"]>[number];

function statementOf(raw: RawStatement, bytes: Buffer): Statement[] {
  if (raw.stmt === undefined) return [];
  const start = raw.stmt_location ?? 0;
  const end = raw.stmt_len === undefined || raw.stmt_len === 0 ? bytes.length : start + raw.stmt_len;
  const offset = afterComments(bytes, start, end);
  return [{ node: raw.stmt, offset, text: bytes.subarray(offset, end).toString("utf8").trim() }];
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

function lineOf(bytes: Buffer, offset: number): number {
  let line = 1;
  for (let at = bytes.indexOf("\n"); at >= 0 && at < offset; at = bytes.indexOf("\n", at + 1)) line++;
  return line;
}
