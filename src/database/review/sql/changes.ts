import { lockModes } from "../../lock-modes.ts";
import type {
  CreateFunctionStmt,
  CreateSeqStmt,
  CreateStmt,
  DefElem,
  DropStmt,
  IndexStmt,
  Node,
  RenameStmt,
  VacuumStmt,
} from "libpg-query";
import { type Change } from "../change.ts";
import { alterTable } from "./alter-table.ts";
import { granted, roleChange, roles } from "./access.ts";
import { columnFacts, constraintFacts, typeFacts } from "./columns.ts";
import { deleted, insert, merge, selected, update } from "./data.ts";
import {
  as,
  type Content,
  each,
  type Kind,
  kindOf,
  nameOf,
  objectName,
  spelled,
  strings,
  tableName,
} from "./nodes.ts";

/** What a statement does. What is not understood is `unknown`, by name, and never nothing. */
export function changesOf(node: Node): Change[] {
  const kind = kindOf(node);
  const read = (readers as Readonly<Record<string, ((content: unknown) => Change[]) | undefined>>)[kind];
  if (read === undefined) return [{ kind: "unknown", what: spelled(kind) }];
  try {
    return read((node as Readonly<Record<string, unknown>>)[kind]);
  } catch (error) {
    // An expression may be nested more deeply than can be followed.
    if (!(error instanceof RangeError)) throw error;
    return [{ kind: "unknown", what: `${spelled(kind)}, which is nested too deeply,` }];
  }
}

const readers: { readonly [Key in Kind]?: (content: Content<Key>) => Change[] } = {
  CreateStmt: createTable,
  AlterTableStmt: alterTable,
  DropStmt: drop,
  RenameStmt: rename,
  IndexStmt: createIndex,
  CreateTableAsStmt: ({ into, objtype, if_not_exists, query }) =>
    objtype === "OBJECT_MATVIEW"
      ? [
          view(tableName(into?.rel), { materialized: true, ifNotExists: if_not_exists === true }),
          ...(into?.skipData === true ? [] : selected(query)),
        ]
      : [
          fromQuery(tableName(into?.rel), into?.rel?.relpersistence, if_not_exists === true),
          ...selected(query),
        ],
  SelectStmt: (select) =>
    select.intoClause === undefined
      ? selected({ SelectStmt: select })
      : [
          fromQuery(tableName(select.intoClause.rel), select.intoClause.rel?.relpersistence, false),
          ...selected({ SelectStmt: select }),
        ],
  CreateSchemaStmt: ({ schemaname, schemaElts }) => [
    { kind: "create-schema", schema: schemaname ?? "", withElements: (schemaElts ?? []).length > 0 },
  ],
  CreateEnumStmt: ({ typeName, vals }) => [
    { kind: "create-type", type: nameOf(strings(typeName)), values: strings(vals) },
  ],
  CompositeTypeStmt: ({ typevar }) => [{ kind: "create-type", type: tableName(typevar), values: null }],
  CreateRangeStmt: ({ typeName }) => [{ kind: "create-type", type: nameOf(strings(typeName)), values: null }],
  DefineStmt: ({ kind, defnames }) => [
    kind === "OBJECT_TYPE"
      ? { kind: "create-type", type: nameOf(strings(defnames)), values: null }
      : { kind: "unknown", what: `CREATE ${spelled(kind ?? "")}` },
  ],
  AlterEnumStmt: ({ typeName, oldVal, newVal }) => [
    oldVal === undefined
      ? { kind: "add-enum-value", type: nameOf(strings(typeName)), value: newVal ?? "" }
      : { kind: "rename-enum-value", type: nameOf(strings(typeName)), value: oldVal, to: newVal ?? "" },
  ],
  CreateDomainStmt: ({ domainname, constraints }) => [
    {
      kind: "create-domain",
      type: nameOf(strings(domainname)),
      constrained: each(constraints, "Constraint").some(
        ({ contype }) => contype === "CONSTR_CHECK" || contype === "CONSTR_NOTNULL",
      ),
    },
  ],
  AlterDomainStmt: ({ typeName, subtype, def }) => [
    {
      kind: "alter-domain",
      type: nameOf(strings(typeName)),
      // O: SET NOT NULL; C: ADD CONSTRAINT; V: VALIDATE. T, N, X take away.
      narrows: ["O", "C"].includes(subtype ?? "") || /AddConstraint|SetNotNull/.test(subtype ?? ""),
      notValid: as(def, "Constraint")?.skip_validation === true,
      validates: subtype === "V",
    },
  ],
  AlterTypeStmt: ({ typeName }) => [{ kind: "alter-type", type: nameOf(strings(typeName)), action: "other" }],
  ViewStmt: ({ view: relation, replace }) => [
    view(tableName(relation), {
      orReplace: replace === true,
      temporary: relation?.relpersistence === "t",
    }),
  ],
  RefreshMatViewStmt: ({ relation, concurrent }) => [
    { kind: "refresh-view", view: tableName(relation), concurrently: concurrent === true },
  ],
  CreateSeqStmt: createSequence,
  AlterSeqStmt: ({ sequence, options }) => [
    {
      kind: "alter-sequence",
      sequence: tableName(sequence),
      restarts: each(options, "DefElem").some(({ defname }) => defname === "restart"),
      recounts: each(options, "DefElem").some(isRecounting),
    },
  ],
  CreateFunctionStmt: createFunction,
  CreateTrigStmt: ({ relation, trigname, replace }) => [
    {
      kind: "create-trigger",
      table: tableName(relation),
      name: trigname ?? "",
      orReplace: replace === true,
    },
  ],
  CreateEventTrigStmt: ({ trigname }) => [{ kind: "event-trigger", name: trigname ?? "", action: "create" }],
  AlterEventTrigStmt: ({ trigname }) => [{ kind: "event-trigger", name: trigname ?? "", action: "alter" }],
  RuleStmt: ({ relation, rulename }) => [
    { kind: "create-rule", table: tableName(relation), name: rulename ?? "" },
  ],
  CreateExtensionStmt: ({ extname }) => [{ kind: "create-extension", name: extname ?? "" }],
  InsertStmt: insert,
  UpdateStmt: update,
  DeleteStmt: deleted,
  MergeStmt: merge,
  TruncateStmt: ({ relations, behavior }) => [
    {
      kind: "truncate",
      tables: each(relations, "RangeVar").map(tableName),
      cascade: behavior === "DROP_CASCADE",
    },
  ],
  CopyStmt: ({ relation, is_from, is_program }) => [
    is_from === true && is_program !== true && relation !== undefined
      ? { kind: "copy-in", table: tableName(relation) }
      : { kind: "unknown", what: "COPY TO or from a program" },
  ],
  GrantStmt: granted,
  GrantRoleStmt: ({ is_grant, grantee_roles }) =>
    is_grant === true
      ? [{ kind: "grant", on: [], what: "a role", to: roles(grantee_roles) }]
      : [{ kind: "revoke", on: [], what: "a role", from: roles(grantee_roles) }],
  AlterDefaultPrivilegesStmt: ({ action }) =>
    action?.is_grant === true
      ? [{ kind: "grant", on: [], what: "default privileges", to: roles(action.grantees) }]
      : [{ kind: "revoke", on: [], what: "default privileges", from: roles(action?.grantees) }],
  CreateRoleStmt: ({ role, options }) => [roleChange("create", role ?? "", options)],
  AlterRoleStmt: ({ role, options }) => [roleChange("alter", role?.rolename ?? "", options)],
  DropRoleStmt: ({ roles: dropped }) =>
    roles(dropped).map((role) => ({ kind: "role", role, action: "drop", powers: [], password: false })),
  AlterSystemStmt: ({ setstmt }) => [{ kind: "set-for-all", of: "system", name: setstmt?.name ?? "all" }],
  AlterDatabaseSetStmt: ({ setstmt }) => [
    { kind: "set-for-all", of: "database", name: setstmt?.name ?? "all" },
  ],
  AlterRoleSetStmt: ({ setstmt }) => [{ kind: "set-for-all", of: "role", name: setstmt?.name ?? "all" }],
  CreatePolicyStmt: ({ table, policy_name }) => [
    { kind: "policy", table: tableName(table), name: policy_name ?? "", action: "create" },
  ],
  AlterPolicyStmt: ({ table, policy_name }) => [
    { kind: "policy", table: tableName(table), name: policy_name ?? "", action: "alter" },
  ],
  AlterOwnerStmt: ({ object }) => [
    { kind: "owner", of: object === undefined ? "" : objectName(object), isTable: false },
  ],
  AlterObjectSchemaStmt: ({ objectType, relation, newschema }) => [
    objectType === "OBJECT_TABLE"
      ? { kind: "move-table", table: tableName(relation), toSchema: newschema ?? "" }
      : { kind: "unknown", what: `ALTER ${spelled(objectType ?? "")} SET SCHEMA` },
  ],
  VariableSetStmt: ({ name, kind, args, is_local }) => [
    {
      kind: "set",
      name: name ?? (kind === "VAR_RESET_ALL" ? "all" : ""),
      value:
        kind === "VAR_SET_VALUE" || kind === "VAR_SET_CURRENT"
          ? (args ?? []).map(settingText).join(", ")
          : null,
      scope: is_local === true ? "local" : "session",
    },
  ],
  TransactionStmt: ({ kind }) => {
    const action = transactionKinds[kind ?? ""];
    return [
      action === undefined
        ? { kind: "unknown", what: spelled((kind ?? "").replace("TRANS_STMT_", "")) }
        : { kind: "transaction", action },
    ];
  },
  LockStmt: ({ relations, mode }) => [
    {
      kind: "lock-table",
      tables: each(relations, "RangeVar").map(tableName),
      mode: lockModes[(mode ?? 8) - 1] ?? "ACCESS EXCLUSIVE",
    },
  ],
  VacuumStmt: vacuum,
  ClusterStmt: ({ relation }) => [
    { kind: "cluster", table: relation === undefined ? null : tableName(relation) },
  ],
  ReindexStmt: ({ kind, relation, name, params }) => [
    {
      kind: "reindex",
      what: reindexKinds[kind ?? ""] ?? "database",
      name: relation === undefined ? (name ?? "") : tableName(relation),
      concurrently: each(params, "DefElem").some(
        (option) => option.defname === "concurrently" && isOn(option.arg),
      ),
    },
  ],
  CommentStmt: ({ objtype, object }) => {
    const path = strings(as(object, "List")?.items);
    const table =
      objtype === "OBJECT_TABLE"
        ? nameOf(path)
        : objtype === "OBJECT_COLUMN"
          ? nameOf(path.slice(0, -1))
          : null;
    return [{ kind: "comment", table }];
  },
};

function createTable(statement: CreateStmt): Change[] {
  const columns = each(statement.tableElts, "ColumnDef").map(columnFacts);
  const parents = each(statement.inhRelations, "RangeVar").map(tableName);
  return [
    {
      kind: "create-table",
      table: tableName(statement.relation),
      columns: columns.map(({ column }) => column),
      constraints: [
        ...columns.flatMap(({ constraints }) => constraints),
        ...each([...(statement.tableElts ?? []), ...(statement.constraints ?? [])], "Constraint").flatMap(
          (constraint) => constraintFacts(constraint) ?? [],
        ),
      ],
      ifNotExists: statement.if_not_exists === true,
      temporary: statement.relation?.relpersistence === "t",
      unlogged: statement.relation?.relpersistence === "u",
      parents,
      partitioned: statement.partspec !== undefined,
      partitionKey: each(statement.partspec?.partParams, "PartitionElem").map(({ name }) => name ?? null),
      isDefaultPartition: statement.partbound?.is_default === true,
      fromQuery: false,
      like: each(statement.tableElts, "TableLikeClause").map(({ relation }) => tableName(relation)),
    },
  ];
}

function fromQuery(table: string, persistence: string | undefined, ifNotExists: boolean): Change {
  return {
    kind: "create-table",
    ...{ table, columns: [], constraints: [], ifNotExists, parents: [], like: [] },
    temporary: persistence === "t",
    unlogged: persistence === "u",
    partitioned: false,
    partitionKey: [],
    isDefaultPartition: false,
    fromQuery: true,
  };
}

function createIndex(statement: IndexStmt): Change[] {
  return [
    {
      kind: "create-index",
      table: tableName(statement.relation),
      name: statement.idxname ?? "",
      unique: statement.unique === true,
      concurrently: statement.concurrent === true,
      columns: each(statement.indexParams, "IndexElem").map(({ name }) => name ?? null),
      partial: statement.whereClause !== undefined,
      ifNotExists: statement.if_not_exists === true,
      only: statement.relation?.inh !== true,
      method: statement.accessMethod ?? "btree",
      nullsAreAlike: statement.nulls_not_distinct === true,
      ordinary:
        (statement.indexIncludingParams ?? []).length === 0 &&
        each(statement.indexParams, "IndexElem").every(
          ({ ordering, nulls_ordering, collation, opclass }) =>
            (ordering ?? "SORTBY_DEFAULT") === "SORTBY_DEFAULT" &&
            (nulls_ordering ?? "SORTBY_NULLS_DEFAULT") === "SORTBY_NULLS_DEFAULT" &&
            (collation ?? []).length === 0 &&
            (opclass ?? []).length === 0,
        ),
    },
  ];
}

function view(
  name: string,
  { orReplace = false, materialized = false, temporary = false, ifNotExists = false },
): Change {
  return { kind: "create-view", view: name, orReplace, materialized, temporary, ifNotExists };
}

function createSequence({ sequence, options, if_not_exists }: CreateSeqStmt): Change[] {
  const all = each(options, "DefElem");
  const type = as(all.find(({ defname }) => defname === "as")?.arg, "TypeName");
  const name = type === undefined ? "int8" : typeFacts(type).name;
  return [
    {
      kind: "create-sequence",
      sequence: tableName(sequence),
      type: name === "int8" ? null : name,
      cycles: all.some(({ defname, arg }) => defname === "cycle" && isOn(arg)),
      ifNotExists: if_not_exists === true,
    },
  ];
}

function createFunction({ funcname, replace, options }: CreateFunctionStmt): Change[] {
  const all = each(options, "DefElem");
  return [
    {
      kind: "create-function",
      name: nameOf(strings(funcname)),
      orReplace: replace === true,
      asOwner: all.some(({ defname, arg }) => defname === "security" && isOn(arg)),
      fixesPath: all.some(
        ({ defname, arg }) => defname === "set" && as(arg, "VariableSetStmt")?.name === "search_path",
      ),
    },
  ];
}

function drop({ objects, removeType, behavior, missing_ok, concurrent }: DropStmt): Change[] {
  const cascade = behavior === "DROP_CASCADE";
  const concurrently = concurrent === true;
  return (objects ?? []).map((object): Change => {
    const name = objectName(object);
    const path = strings(as(object, "List")?.items);
    // `DROP TRIGGER name ON table` is read as schema, table, name.
    const owned = { table: nameOf(path.slice(0, -1)), name: path.at(-1) ?? "" };
    switch (removeType) {
      case "OBJECT_TABLE":
        return { kind: "drop-table", table: name, ifExists: missing_ok === true, cascade };
      case "OBJECT_INDEX":
        return { kind: "drop-index", name, concurrently, cascade };
      case "OBJECT_VIEW":
      case "OBJECT_MATVIEW":
        return { kind: "drop-view", view: name, materialized: removeType === "OBJECT_MATVIEW", cascade };
      case "OBJECT_TYPE":
      case "OBJECT_DOMAIN":
        return { kind: "drop-type", type: name, cascade };
      case "OBJECT_SCHEMA":
        return { kind: "drop-schema", schema: name, cascade };
      case "OBJECT_SEQUENCE":
        return { kind: "drop-sequence", sequence: name, cascade };
      case "OBJECT_FUNCTION":
      case "OBJECT_PROCEDURE":
      case "OBJECT_ROUTINE":
      case "OBJECT_AGGREGATE":
        return { kind: "drop-function", name, cascade };
      case "OBJECT_EXTENSION":
        return { kind: "drop-extension", name, cascade };
      case "OBJECT_TRIGGER":
        return { kind: "drop-trigger", ...owned };
      case "OBJECT_RULE":
        return { kind: "drop-rule", ...owned };
      case "OBJECT_EVENT_TRIGGER":
        return { kind: "event-trigger", name, action: "drop" };
      case "OBJECT_POLICY":
        return { kind: "policy", ...owned, action: "drop" };
      default:
        return { kind: "unknown", what: `DROP ${spelled(removeType ?? "")}` };
    }
  });
}

function rename(statement: RenameStmt): Change[] {
  const { renameType, relationType, subname = "", newname: to = "", object } = statement;
  const table = tableName(statement.relation);
  const name = object === undefined ? table : objectName(object);
  switch (renameType) {
    case "OBJECT_TABLE":
      return [{ kind: "rename-table", table, to }];
    case "OBJECT_COLUMN":
      return [
        relationType === "OBJECT_TABLE"
          ? { kind: "rename-column", table, column: subname, to }
          : { kind: "rename-view", view: table, column: subname, to },
      ];
    case "OBJECT_TABCONSTRAINT":
      return [{ kind: "rename-constraint", table, name: subname, to }];
    case "OBJECT_INDEX":
      return [{ kind: "rename-index", name: table, to }];
    case "OBJECT_VIEW":
    case "OBJECT_MATVIEW":
      return [{ kind: "rename-view", view: table, column: null, to }];
    case "OBJECT_TYPE":
    case "OBJECT_DOMAIN":
      return [{ kind: "rename-type", type: name, to }];
    case "OBJECT_ATTRIBUTE":
      return [{ kind: "alter-type", type: table, action: "rename-attribute" }];
    case "OBJECT_SCHEMA":
      return [{ kind: "rename-schema", schema: subname, to }];
    default:
      return [{ kind: "unknown", what: `ALTER ${spelled(renameType ?? "")} RENAME` }];
  }
}

function vacuum({ is_vacuumcmd, options, rels }: VacuumStmt): Change[] {
  const full = each(options, "DefElem").some(({ defname, arg }) => defname === "full" && isOn(arg));
  const tables = each(rels, "VacuumRelation").map(({ relation }) => tableName(relation));
  return (tables.length === 0 ? [null] : tables).map((table) =>
    is_vacuumcmd === true ? { kind: "vacuum", table, full } : { kind: "analyze", table },
  );
}

/** `SET lock_timeout = '5s'`, `= 5000`. */
function settingText(node: Node): string {
  const constant = as(node, "A_Const");
  if (constant?.sval !== undefined) return constant.sval.sval ?? "";
  if (constant?.ival !== undefined) return String(constant.ival.ival ?? 0);
  return constant?.fval?.fval ?? "";
}

/** What may make a sequence end, or go another way. NO MAXVALUE has no argument. */
function isRecounting({ defname, arg }: DefElem): boolean {
  if (defname === "as") return typeFacts(as(arg, "TypeName")).name !== "int8";
  return defname === "increment" || ((defname === "maxvalue" || defname === "minvalue") && arg !== undefined);
}

/** An option without a value is on. */
function isOn(argument: Node | undefined): boolean {
  const text =
    as(argument, "String")?.sval ?? as(argument, "Boolean")?.boolval ?? as(argument, "Integer")?.ival;
  return argument === undefined || !["off", "false", false, 0, "0"].includes(text ?? false);
}

/** Others leave a transaction open for somebody else, or undo a part of it. */
const transactionKinds: Readonly<Record<string, "begin" | "commit" | "rollback" | "savepoint">> = {
  TRANS_STMT_SAVEPOINT: "savepoint",
  TRANS_STMT_RELEASE: "savepoint",
  TRANS_STMT_BEGIN: "begin",
  TRANS_STMT_START: "begin",
  TRANS_STMT_COMMIT: "commit",
  TRANS_STMT_ROLLBACK: "rollback",
};

const reindexKinds: Readonly<Record<string, "index" | "table" | "schema" | "database" | "system">> = {
  REINDEX_OBJECT_INDEX: "index",
  REINDEX_OBJECT_TABLE: "table",
  REINDEX_OBJECT_SCHEMA: "schema",
  REINDEX_OBJECT_DATABASE: "database",
  REINDEX_OBJECT_SYSTEM: "system",
};
