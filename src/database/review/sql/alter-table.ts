import type { AlterTableCmd, AlterTableStmt, Node, PartitionCmd } from "libpg-query";
import type { Change, TypeFacts } from "../change.ts";
import { columnFacts, constraintFacts, typeFacts } from "./columns.ts";
import { defaultFacts } from "./expressions.ts";
import { boundText } from "./written.ts";
import { as, each, spelled, tableName } from "./nodes.ts";

/** The changes of an ALTER TABLE, and of the statements that the grammar reads as one: ALTER INDEX, VIEW, SEQUENCE, TYPE. */
export function alterTable(statement: AlterTableStmt): Change[] {
  const name = tableName(statement.relation);
  const commands = each(statement.cmds, "AlterTableCmd");
  const read =
    readers[statement.objtype ?? ""] ??
    ((): Change[] => [{ kind: "unknown", what: `ALTER ${spelled(statement.objtype ?? "")}` }]);
  return commands.flatMap((command) => read(name, command));
}

type Reader = (name: string, command: AlterTableCmd) => Change[];

const readers: Readonly<Record<string, Reader>> = {
  OBJECT_TABLE: table,
  OBJECT_INDEX: (name, { subtype }) => [
    { kind: "index-option", name, movesFile: subtype === "AT_SetTableSpace" },
  ],
  OBJECT_TYPE: (type, { subtype }) => [
    {
      kind: "alter-type",
      type,
      action:
        subtype === "AT_AddColumn"
          ? "add-attribute"
          : subtype === "AT_DropColumn"
            ? "drop-attribute"
            : subtype === "AT_AlterColumnType"
              ? "alter-attribute"
              : "other",
    },
  ],
};

function table(name: string, command: AlterTableCmd): Change[] {
  const { subtype = "", def } = command;
  const column = command.name ?? "";
  const cascade = command.behavior === "DROP_CASCADE";
  const ifExists = command.missing_ok === true;
  const option = optionKinds[subtype];
  if (option !== undefined) return [option(name, column, subtype)];
  switch (subtype) {
    case "AT_AddColumn":
      return addColumn(name, def, ifExists);
    case "AT_DropColumn":
      return [{ kind: "drop-column", table: name, column, cascade, ifExists }];
    case "AT_AlterColumnType":
      return columnType(name, column, def);
    case "AT_ColumnDefault":
      // A default of null is none.
      return def === undefined || defaultFacts(def) === "null"
        ? [{ kind: "drop-default", table: name, column }]
        : [{ kind: "set-default", table: name, column, value: defaultFacts(def) }];
    case "AT_AddIdentity":
      return [identity(name, column, "add", def)];
    case "AT_SetIdentity":
      return [identity(name, column, "set", def)];
    case "AT_DropIdentity":
      return [identity(name, column, "drop", def)];
    case "AT_AddConstraint":
      return addConstraint(name, def);
    case "AT_ValidateConstraint":
      return [{ kind: "validate-constraint", table: name, name: column }];
    case "AT_DropConstraint":
      return [{ kind: "drop-constraint", table: name, name: column, cascade, ifExists }];
    case "AT_AlterConstraint":
      return [alterConstraint(name, column, def)];
    case "AT_AddInherit":
    case "AT_DropInherit":
      return [
        {
          kind: "set-parent",
          table: name,
          parent: tableName(as(def, "RangeVar")),
          inherits: subtype === "AT_AddInherit",
        },
      ];
    case "AT_AttachPartition":
    case "AT_DetachPartition":
    case "AT_DetachPartitionFinalize":
      return partition(name, subtype, as(def, "PartitionCmd"));
    default:
      return [{ kind: "unknown", what: `ALTER TABLE ${spelled(subtype)}` }];
  }
}

function addColumn(table: string, definition: Node | undefined, ifNotExists: boolean): Change[] {
  const found = as(definition, "ColumnDef");
  if (found === undefined) return [{ kind: "unknown", what: "ADD COLUMN" }];
  return [{ kind: "add-column", table, ...columnFacts(found), ifNotExists }];
}

function columnType(table: string, column: string, definition: Node | undefined): Change[] {
  const found = as(definition, "ColumnDef");
  const using = found?.raw_default;
  return [
    {
      kind: "column-type",
      table,
      column,
      to: typeFacts(found?.typeName),
      using: using === undefined ? null : usingOf(using, typeFacts(found?.typeName)),
    },
  ];
}

/** `USING name`, `USING name::text` for TYPE text; `USING state::text::state_new`; anything else. */
function usingOf(using: Node, to: TypeFacts): "plain" | "text" | "computed" {
  if (as(using, "ColumnRef") !== undefined) return "plain";
  const outer = as(using, "TypeCast");
  if (outer?.arg === undefined || !isSameType(typeFacts(outer.typeName), to)) return "computed";
  if (as(outer.arg, "ColumnRef") !== undefined) return "plain";
  const inner = as(outer.arg, "TypeCast");
  const isText = inner !== undefined && typeFacts(inner.typeName).name === "text";
  return isText && as(inner.arg, "ColumnRef") !== undefined ? "text" : "computed";
}

function isSameType(left: TypeFacts, right: TypeFacts): boolean {
  return (
    left.name === right.name && left.array === right.array && left.modifiers.join() === right.modifiers.join()
  );
}

function identity(
  table: string,
  column: string,
  action: "add" | "set" | "drop",
  definition: Node | undefined,
): Change {
  const constraint = as(definition, "Constraint");
  const options = each(constraint?.options ?? as(definition, "List")?.items, "DefElem");
  const number = (...names: string[]) => {
    const found = options.find(({ defname }) => names.includes(defname ?? ""))?.arg;
    return found === undefined ? null : (as(found, "Integer")?.ival ?? 0);
  };
  // The letters of pg_attribute.attidentity: a is ALWAYS, d BY DEFAULT.
  const always = constraint?.generated_when === "a" || number("generated") === 97;
  return { kind: "column-identity", table, column, action, start: number("start", "restart"), always };
}

function addConstraint(table: string, definition: Node | undefined): Change[] {
  const found = as(definition, "Constraint");
  const constraint = found === undefined ? null : constraintFacts(found);
  return constraint === null
    ? [{ kind: "unknown", what: "ADD CONSTRAINT" }]
    : [{ kind: "add-constraint", table, constraint }];
}

function alterConstraint(table: string, column: string, definition: Node | undefined): Change {
  const found = as(definition, "ATAlterConstraint");
  return {
    kind: "alter-constraint",
    table,
    name: found?.conname ?? column,
    enforces: found?.alterEnforceability === true && found.is_enforced === true,
  };
}

function partition(table: string, subtype: string, command: PartitionCmd | undefined): Change[] {
  const name = tableName(command?.name);
  if (subtype === "AT_AttachPartition") {
    const isDefaultPartition = command?.bound?.is_default === true;
    const bound = boundText(command?.bound);
    return [{ kind: "attach-partition", table, partition: name, isDefaultPartition, bound }];
  }
  const concurrently = command?.concurrent === true || subtype === "AT_DetachPartitionFinalize";
  return [{ kind: "detach-partition", table, partition: name, concurrently }];
}

type Option = (table: string, column: string, subtype: string) => Change;

const tableOption: Option = (table, _, subtype) => ({ kind: "table-option", table, what: spelled(subtype) });
const columnOption: Option = (table, column, subtype) => ({
  kind: "column-option",
  table,
  column,
  what: spelled(subtype),
});
const rewrite =
  (by: string): Option =>
  (table) => ({ kind: "rewrite-table", table, by });
const rowSecurity =
  (action: "enable" | "disable" | "force" | "no-force"): Option =>
  (table) => ({ kind: "row-security", table, action });
const trigger =
  (on: boolean): Option =>
  (table, name) => ({ kind: "switch-trigger", table, name, on });

/** The subtypes that say all by their own name. */
const optionKinds: Readonly<Record<string, Option>> = {
  AT_SetNotNull: (table, column) => ({ kind: "set-not-null", table, column }),
  AT_DropNotNull: (table, column) => ({ kind: "drop-not-null", table, column }),
  AT_SetExpression: (table, column) => ({ kind: "generated-expression", table, column, action: "set" }),
  AT_DropExpression: (table, column) => ({ kind: "generated-expression", table, column, action: "drop" }),
  AT_SetStatistics: columnOption,
  AT_SetStorage: columnOption,
  AT_SetCompression: columnOption,
  AT_SetOptions: columnOption,
  AT_ResetOptions: columnOption,
  AT_ChangeOwner: (table) => ({ kind: "owner", of: table, isTable: true }),
  AT_ClusterOn: tableOption,
  AT_DropCluster: tableOption,
  AT_SetRelOptions: tableOption,
  AT_ResetRelOptions: tableOption,
  AT_ReplicaIdentity: tableOption,
  AT_SetLogged: rewrite("SET LOGGED"),
  AT_SetUnLogged: rewrite("SET UNLOGGED"),
  AT_SetAccessMethod: rewrite("SET ACCESS METHOD"),
  AT_SetTableSpace: rewrite("SET TABLESPACE"),
  AT_EnableRowSecurity: rowSecurity("enable"),
  AT_DisableRowSecurity: rowSecurity("disable"),
  AT_ForceRowSecurity: rowSecurity("force"),
  AT_NoForceRowSecurity: rowSecurity("no-force"),
  AT_EnableTrig: trigger(true),
  AT_EnableAlwaysTrig: trigger(true),
  AT_EnableReplicaTrig: trigger(true),
  AT_EnableTrigAll: trigger(true),
  AT_EnableTrigUser: trigger(true),
  AT_DisableTrig: trigger(false),
  AT_DisableTrigAll: trigger(false),
  AT_DisableTrigUser: trigger(false),
};
