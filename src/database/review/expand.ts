import type {
  AlterTableCmd,
  AlterTableStmt,
  ColumnDef,
  Constraint,
  CreateStmt,
  IndexStmt,
  Node,
  RangeVar,
} from "libpg-query";
import type { Statement } from "./parse.ts";

/** Why a statement is not plainly an expansion, and what to do instead. */
export interface Doubt {
  /** Where, in bytes from the start of the file. */
  readonly offset: number;
  readonly why: string;
  readonly instead: string;
}

/**
 * The doubts about the statements of one file. None means that code which knows nothing of this file goes on
 * working: every statement is CREATE TABLE, TYPE or SCHEMA; ADD COLUMN that is nullable or has a constant default; or an
 * index, foreign key or other constraint on a table that the same file creates before.
 */
export function doubtsOf(statements: readonly Statement[]): Doubt[] {
  const created = new Set<string>();
  return statements.flatMap((statement) => {
    const doubts = judge(statement, created);
    if ("CreateStmt" in statement.node && doubts.length === 0) {
      const { relation, if_not_exists } = statement.node.CreateStmt;
      if (relation !== undefined && if_not_exists !== true) created.add(nameOf(relation));
    }
    return doubts;
  });
}

function judge({ node, offset }: Statement, created: ReadonlySet<string>): Doubt[] {
  const doubt = (why: string, instead: string): Doubt[] => [{ offset, why, instead }];
  if ("CreateStmt" in node) return createTable(node.CreateStmt, created, doubt);
  if ("CreateEnumStmt" in node || "CompositeTypeStmt" in node || "CreateRangeStmt" in node) return [];
  if ("DefineStmt" in node && node.DefineStmt.kind === "OBJECT_TYPE") return [];
  if ("CreateSchemaStmt" in node) {
    return (node.CreateSchemaStmt.schemaElts ?? []).length === 0
      ? []
      : doubt(
          "CREATE SCHEMA with statements inside is not read further",
          "Write them as statements of their own.",
        );
  }
  if ("IndexStmt" in node) return createIndex(node.IndexStmt, created, doubt);
  if ("AlterTableStmt" in node) return alterTable(node.AlterTableStmt, created, offset);
  const known = knownDoubts[kindOf(node)];
  return doubt(
    known?.[0] ?? `${spelled(kindOf(node))} is not on the list of plain expansions`,
    known?.[1] ?? byPerson,
  );
}

const byPerson = "A person has to decide whether the code that is live goes on working with it.";

type Doubtful = (why: string, instead: string) => Doubt[];

function createTable(statement: CreateStmt, created: ReadonlySet<string>, doubt: Doubtful): Doubt[] {
  if (statement.relation?.relpersistence === "t") {
    return doubt(
      "a temporary table hides a table of the same name from what follows",
      "Create a plain table.",
    );
  }
  const parents = (statement.inhRelations ?? []).flatMap((node) =>
    "RangeVar" in node ? [node.RangeVar] : [],
  );
  const foreign = parents.find((parent) => !created.has(nameOf(parent)));
  if (foreign === undefined) return [];
  return doubt(
    `the table becomes part of ${foreign.relname ?? "another"}, which this file does not create: its queries change and it is locked`,
    byPerson,
  );
}

function createIndex(statement: IndexStmt, created: ReadonlySet<string>, doubt: Doubtful): Doubt[] {
  if (statement.relation !== undefined && created.has(nameOf(statement.relation))) return [];
  const table = statement.relation?.relname ?? "a table";
  if (statement.unique === true) {
    return doubt(
      `a unique index on ${table}, which has data, fails on duplicates and refuses rows that the live code may write`,
      byPerson,
    );
  }
  return doubt(
    `an index on ${table}, which this file does not create: ${statement.concurrent === true ? "it is built while the table is in use, and may be left invalid" : "writes wait until it is built"}`,
    statement.concurrent === true
      ? byPerson
      : "Put CREATE INDEX CONCURRENTLY alone into a migration of its own, and have a person decide when it runs.",
  );
}

function alterTable(statement: AlterTableStmt, created: ReadonlySet<string>, offset: number): Doubt[] {
  const { relation, objtype } = statement;
  if (objtype !== "OBJECT_TABLE" || relation === undefined) {
    return [
      {
        offset,
        why: `ALTER ${spelled(objtype ?? "")} is not on the list of plain expansions`,
        instead: byPerson,
      },
    ];
  }
  const isNew = created.has(nameOf(relation));
  const table = relation.relname ?? "a table";
  return (statement.cmds ?? []).flatMap((node) => {
    const command = "AlterTableCmd" in node ? node.AlterTableCmd : undefined;
    return command === undefined
      ? [{ offset, why: "a part of it cannot be read", instead: byPerson }]
      : alter(command, table, isNew, offset);
  });
}

function alter(command: AlterTableCmd, table: string, isNew: boolean, offset: number): Doubt[] {
  const definition = command.def;
  if (command.subtype === "AT_AddColumn" && definition !== undefined && "ColumnDef" in definition) {
    return addColumn(definition.ColumnDef, table, isNew, offset);
  }
  if (command.subtype === "AT_AddConstraint") {
    if (isNew) return [];
    const name =
      definition !== undefined && "Constraint" in definition
        ? constraintName(definition.Constraint)
        : "a constraint";
    return [
      {
        offset,
        why: `${name} on ${table}, which has data: it is locked while its rows are checked, and rows that the live code writes may be refused`,
        instead:
          "Add it NOT VALID and validate it later, each in a migration of its own that a person has read.",
      },
    ];
  }
  const known = knownDoubts[command.subtype ?? ""];
  return [
    {
      offset,
      why:
        known?.[0] ?? `ALTER TABLE ${spelled(command.subtype ?? "")} is not on the list of plain expansions`,
      instead: known?.[1] ?? byPerson,
    },
  ];
}

function addColumn(column: ColumnDef, table: string, isNew: boolean, statementOffset: number): Doubt[] {
  const offset = column.location ?? statementOffset;
  const name = column.colname ?? "the column";
  const constraints = (column.constraints ?? []).flatMap((node) =>
    "Constraint" in node ? [node.Constraint] : [],
  );
  const fallback = constraints.find(({ contype }) => contype === "CONSTR_DEFAULT")?.raw_expr;
  const doubts: Doubt[] = [];
  const doubt = (why: string, instead: string) => doubts.push({ offset, why, instead });
  if (isSerial(column)) {
    doubt(
      `column ${name} counts: every row of ${table} is written anew under a lock`,
      "Add it nullable, and fill it in a migration of its own.",
    );
  }
  if (fallback !== undefined && !isConstant(fallback)) {
    doubt(
      `the default of column ${name} is not a constant, so its value in rows that exist is not known from here`,
      "Add the column nullable and without a default, or with a constant one.",
    );
  }
  if (isNew) return doubts;
  const required = constraints.some(({ contype }) => contype === "CONSTR_NOTNULL");
  if (required && (fallback === undefined || isNull(fallback))) {
    doubt(
      `column ${name} is NOT NULL without a default: the INSERTs of the live code, which do not know it, fail`,
      "Add it nullable or with a constant default; make it required once no live code writes without it.",
    );
  }
  for (const constraint of constraints) {
    if (["CONSTR_NULL", "CONSTR_NOTNULL", "CONSTR_DEFAULT"].includes(constraint.contype ?? "")) continue;
    doubt(
      `column ${name} brings ${constraintName(constraint)} to ${table}, which has data`,
      "Add the plain column first, and the rest in a migration of its own that a person has read.",
    );
  }
  return doubts;
}

/** A literal, with casts, signs, arrays and rows of them: no function, no column, no time. */
function isConstant(node: Node): boolean {
  if ("A_Const" in node) return true;
  if ("TypeCast" in node)
    return node.TypeCast.arg !== undefined && isConstant(node.TypeCast.arg) && !isMoment(node);
  if ("A_ArrayExpr" in node) return (node.A_ArrayExpr.elements ?? []).every(isConstant);
  return false;
}

/** `'now'::timestamp` is a literal that means another value each time. */
function isMoment(node: Node): boolean {
  if (!("TypeCast" in node) || node.TypeCast.arg === undefined) return false;
  const { arg } = node.TypeCast;
  const text = "A_Const" in arg ? arg.A_Const.sval?.sval : undefined;
  return text !== undefined && /^\s*(now|today|tomorrow|yesterday)\s*$/i.test(text);
}

function isNull(node: Node): boolean {
  if ("TypeCast" in node) return node.TypeCast.arg !== undefined && isNull(node.TypeCast.arg);
  return "A_Const" in node && node.A_Const.isnull === true;
}

function isSerial({ typeName }: ColumnDef): boolean {
  const last = typeName?.names?.at(-1);
  const name = last !== undefined && "String" in last ? (last.String.sval ?? "") : "";
  return /^(small|big)?serial[248]?$/.test(name);
}

function constraintName({ contype }: Constraint): string {
  return constraintNames[contype ?? ""] ?? "a constraint";
}

const constraintNames: Readonly<Record<string, string>> = {
  CONSTR_PRIMARY: "a primary key",
  CONSTR_UNIQUE: "a unique constraint",
  CONSTR_FOREIGN: "a foreign key",
  CONSTR_CHECK: "a check",
  CONSTR_EXCLUSION: "an exclusion constraint",
  CONSTR_IDENTITY: "an identity",
  CONSTR_GENERATED: "a generated value",
  CONSTR_NOTNULL: "NOT NULL",
};

const laterInstead =
  "First release code that does not use it; remove it in a later migration, which a person has read.";
const dataInstead = "Change data in a migration of its own, in batches, which a person has read.";

/** The kinds that people write most, by the parser's name: why, and what to do instead. */
const knownDoubts: Readonly<Record<string, readonly [string, string]>> = {
  DropStmt: ["it drops what the live code may still use", laterInstead],
  RenameStmt: [
    "it renames what the live code calls by its old name",
    "Add the new one beside the old one, and remove the old one later.",
  ],
  TruncateStmt: ["it removes rows", dataInstead],
  InsertStmt: ["it writes rows, which may clash with those that exist", dataInstead],
  UpdateStmt: ["it rewrites rows while the live code uses them", dataInstead],
  DeleteStmt: ["it removes rows that the live code may need", dataInstead],
  AlterEnumStmt: ["a new value of an enum reaches live code that does not know it", byPerson],
  DoStmt: [
    "a DO block can do anything, and is not read further",
    "Write its statements out, or have a person decide.",
  ],
  TransactionStmt: ["it begins or ends a transaction, which Prisma does itself", "Remove it."],
  CreateTableAsStmt: ["it runs a query over data that exists", dataInstead],
  VariableSetStmt: ["it changes settings, and with them what the following statements mean", "Remove it."],
  AT_DropColumn: ["it drops a column that the live code may still read or write", laterInstead],
  AT_AlterColumnType: [
    "it changes the type of a column: the table is rewritten under a lock, and the live code reads another type",
    "Add a column of the new type, copy, and remove the old one later.",
  ],
  AT_SetNotNull: ["it makes a column required: the live code may still write rows without it", laterInstead],
  AT_DropNotNull: ["rows without a value reach live code that expects one", byPerson],
  AT_ColumnDefault: ["it changes what rows that the live code writes hold", byPerson],
  AT_DropConstraint: ["it drops a constraint that the live code may rely on", laterInstead],
};

function nameOf({ catalogname, schemaname, relname }: RangeVar): string {
  return JSON.stringify([catalogname ?? "", schemaname ?? "", relname ?? ""]);
}

function kindOf(node: Node): string {
  return Object.keys(node)[0] ?? "statement";
}

/** `CreateFunctionStmt` -> `CREATE FUNCTION`, `AT_SetStatistics` -> `SET STATISTICS`. */
function spelled(kind: string): string {
  const words = kind.replace(/^(AT|OBJECT)_/, "").replace(/Stmt$/, "");
  return words
    .replaceAll("_", " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toUpperCase();
}
