import type { ColumnDef, Constraint, Node, TypeName } from "libpg-query";
import type { ColumnFacts, ConstraintFacts, TypeFacts } from "../change.ts";
import { columnsIn, defaultFacts, provesNotNull } from "./expressions.ts";
import { passingOnNull } from "./null-logic.ts";
import { written, writtenCondition } from "./written.ts";
import { as, each, nameOf, strings, tableName } from "./nodes.ts";

/** A column as it is defined, and the constraints that its definition brings. */
export function columnFacts(definition: ColumnDef): {
  readonly column: ColumnFacts;
  readonly constraints: readonly ConstraintFacts[];
} {
  const name = definition.colname ?? "";
  const given = each(definition.constraints, "Constraint");
  const kinds = given.map(({ contype }) => contype);
  const fallback = given.find(({ contype }) => contype === "CONSTR_DEFAULT")?.raw_expr;
  const generated = given.find(({ contype }) => contype === "CONSTR_GENERATED");
  const type = typeFacts(definition.typeName);
  return {
    column: {
      name,
      type,
      notNull:
        type.serial ||
        kinds.some(
          (kind) => kind === "CONSTR_NOTNULL" || kind === "CONSTR_PRIMARY" || kind === "CONSTR_IDENTITY",
        ),
      fallback: fallback === undefined ? (type.serial ? "volatile" : null) : defaultFacts(fallback),
      fallbackSql: fallback === undefined ? null : written(fallback),
      identity: kinds.includes("CONSTR_IDENTITY"),
      generated: generated === undefined ? null : generated.generated_kind === "v" ? "virtual" : "stored",
    },
    constraints: given.flatMap((constraint) => constraintFacts(constraint, name) ?? []),
  };
}

const constraintKinds: Readonly<Record<string, ConstraintFacts["kind"]>> = {
  CONSTR_PRIMARY: "primary",
  CONSTR_UNIQUE: "unique",
  CONSTR_FOREIGN: "foreign",
  CONSTR_CHECK: "check",
  CONSTR_EXCLUSION: "exclusion",
};

/** Null for what is no constraint of a table: defaults, NULL, identities. @param column that in whose definition it stands */
export function constraintFacts(constraint: Constraint, column?: string): ConstraintFacts | null {
  // PostgreSQL 18 has NOT NULL as a constraint of the table, which may be NOT VALID; in a column's definition it is the column's.
  const isNotNull = constraint.contype === "CONSTR_NOTNULL" && column === undefined;
  const kind = isNotNull ? "not-null" : constraintKinds[constraint.contype ?? ""];
  if (kind === undefined) return null;
  const expressions = each(constraint.exclusions, "List").flatMap(({ items }) => each(items, "IndexElem"));
  const named = [
    ...strings(constraint.keys),
    ...strings(constraint.fk_attrs),
    ...expressions.flatMap(({ name }) => name ?? []),
    ...columnsIn(constraint.raw_expr),
  ];
  return {
    kind,
    name: constraint.conname ?? "",
    columns: named.length > 0 ? named : column === undefined ? [] : [column],
    references: constraint.pktable === undefined ? null : tableName(constraint.pktable),
    referencedColumns: strings(constraint.pk_attrs),
    onChange: [actionText("UPDATE", constraint.fk_upd_action), actionText("DELETE", constraint.fk_del_action)]
      .filter((text) => text !== "")
      .join(" "),
    checkSql:
      kind === "check" && constraint.raw_expr !== undefined ? writtenCondition(constraint.raw_expr) : null,
    passesOnNull: kind === "check" ? passingOnNull(constraint.raw_expr, named) : [],
    nullsAreAlike: constraint.nulls_not_distinct === true,
    notValid: constraint.skip_validation === true,
    usingIndex: constraint.indexname ?? null,
    provesNotNull:
      kind === "not-null" ? (named[0] ?? null) : kind === "check" ? provesNotNull(constraint.raw_expr) : null,
  };
}

/** The letters of pg_constraint.confupdtype. */
const actions: Readonly<Record<string, string>> = {
  r: "RESTRICT",
  c: "CASCADE",
  n: "SET NULL",
  d: "SET DEFAULT",
};

function actionText(on: "UPDATE" | "DELETE", letter: string | undefined): string {
  const action = actions[letter ?? "a"];
  return action === undefined ? "" : `ON ${on} ${action}`;
}

const serials: Readonly<Record<string, string>> = {
  smallserial: "int2",
  serial2: "int2",
  serial: "int4",
  serial4: "int4",
  bigserial: "int8",
  serial8: "int8",
};

export function typeFacts(type: TypeName | undefined): TypeFacts {
  const names = strings(type?.names);
  const bare = names[0] === "pg_catalog" ? names.slice(1) : names;
  const name = nameOf(bare);
  return {
    name: serials[name] ?? name,
    modifiers: (type?.typmods ?? []).flatMap((node) => integer(node) ?? []),
    array: (type?.arrayBounds ?? []).length > 0,
    serial: serials[name] !== undefined,
  };
}

function integer(node: Node): number | undefined {
  const constant = as(node, "A_Const");
  return constant?.ival === undefined ? undefined : (constant.ival.ival ?? 0);
}
