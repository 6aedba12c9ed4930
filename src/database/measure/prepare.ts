import type { Node } from "libpg-query";
import type { MigrationFile } from "../migrations.ts";
import { parseSql, type Statement } from "../review/sql/parse.ts";
import type { EarlierMigration, StatementInput } from "./input.ts";

/** How the earlier migrations are sent: a file at once, as Prisma does; in parts where it has what no transaction may have. */
export async function prepareEarlier({ name, sql }: MigrationFile): Promise<EarlierMigration> {
  const parsed = await parseSql(sql);
  // PostgreSQL says itself what it does not understand.
  if (!parsed.ok || parsed.statements.every(({ node }) => mayBeInTransaction(node)))
    return { name, parts: [sql] };
  return { name, parts: parsed.statements.map(({ text }) => text) };
}

/** The statements of a migration, in order; one with a problem where the file cannot be read. */
export async function prepareStatements({ name, path, sql }: MigrationFile): Promise<StatementInput[]> {
  const parsed = await parseSql(sql);
  const about = { migration: name, path };
  if (!parsed.ok) {
    const problem = `PostgreSQL's parser cannot read the file: ${parsed.message}`;
    return [{ ...about, line: parsed.line, sql: "", transaction: true, nth: 0, names: [], problem }];
  }
  const commits = parsed.statements.filter(({ node }) => isCommit(node)).map(({ offset }) => offset);
  return parsed.statements
    .filter(({ node }) => !opensOrCloses(node))
    .map(({ node, offset, text }) => ({
      ...about,
      line: parsed.lineAt(offset),
      sql: sqlOf({ node, text }),
      transaction: mayBeInTransaction(node),
      // BEGIN within a file joins what is before it: https://www.postgresql.org/docs/current/protocol-flow.html
      nth: commits.filter((commit) => commit < offset).length,
      names: namesIn(node),
      problem: problemWith(node),
    }));
}

/** BEGIN and COMMIT: each statement is measured in a transaction of its own. */
function opensOrCloses(node: Node): boolean {
  if (!("TransactionStmt" in node)) return false;
  const { kind } = node.TransactionStmt;
  return kind === "TRANS_STMT_BEGIN" || kind === "TRANS_STMT_START" || kind === "TRANS_STMT_COMMIT";
}

function isCommit(node: Node): boolean {
  return "TransactionStmt" in node && node.TransactionStmt.kind === "TRANS_STMT_COMMIT";
}

function problemWith(node: Node): string | null {
  if ("TransactionStmt" in node) return "what a savepoint or a rollback takes back cannot be measured";
  if ("CopyStmt" in node && node.CopyStmt.is_from === true) return "COPY needs data that is not in the file";
  return null;
}

/** A setting of the file's transaction has to reach the statements after it. */
function sqlOf({ node, text }: Pick<Statement, "node" | "text">): string {
  const local = "VariableSetStmt" in node && node.VariableSetStmt.is_local === true;
  return local ? text.replace(/^SET\s+LOCAL\b/i, "SET") : text;
}

/** https://www.postgresql.org/docs/current/ of each command: "cannot be executed inside a transaction block" */
function mayBeInTransaction(node: Node): boolean {
  if ("IndexStmt" in node) return node.IndexStmt.concurrent !== true;
  if ("DropStmt" in node) return node.DropStmt.concurrent !== true;
  if ("VacuumStmt" in node) return node.VacuumStmt.is_vacuumcmd !== true;
  if ("ReindexStmt" in node)
    return !hasOption(node.ReindexStmt.params, "concurrently") && isOneRelation(node);
  if ("ClusterStmt" in node) return node.ClusterStmt.relation !== undefined;
  if ("AlterTableStmt" in node) return !detachesConcurrently(node);
  return !alone.some((kind) => kind in node);
}

const alone = ["CreatedbStmt", "DropdbStmt", "CreateTableSpaceStmt", "DropTableSpaceStmt", "AlterSystemStmt"];

function hasOption(options: readonly Node[] | undefined, name: string): boolean {
  return (options ?? []).some((option) => "DefElem" in option && option.DefElem.defname === name);
}

function isOneRelation(node: Node): boolean {
  const kind = "ReindexStmt" in node ? node.ReindexStmt.kind : undefined;
  return kind === "REINDEX_OBJECT_INDEX" || kind === "REINDEX_OBJECT_TABLE";
}

function detachesConcurrently(node: Node): boolean {
  return (
    JSON.stringify(node).includes('"subtype":"AT_DetachPartition"') &&
    /"concurrent":true/.test(JSON.stringify(node))
  );
}

/** Every relation that the statement names, with its schema unless that is `public`. */
function namesIn(node: Node): string[] {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
    } else if (typeof value === "object" && value !== null) {
      const { relname, schemaname } = value as { relname?: unknown; schemaname?: unknown };
      if (typeof relname === "string")
        names.add(shown(typeof schemaname === "string" ? schemaname : "", relname));
      for (const item of Object.values(value)) visit(item);
    }
  };
  visit(node);
  if ("DropStmt" in node) for (const object of node.DropStmt.objects ?? []) names.add(listedName(object));
  return [...names];
}

/** DROP names its objects as lists of words. */
function listedName(object: Node): string {
  const items = "List" in object ? (object.List.items ?? []) : [];
  const words = items.flatMap((item) => ("String" in item ? [item.String.sval ?? ""] : []));
  return shown(words.length > 1 ? (words.at(-2) ?? "") : "", words.at(-1) ?? "");
}

function shown(schema: string, name: string): string {
  return schema === "" || schema === "public" ? name : `${schema}.${name}`;
}
