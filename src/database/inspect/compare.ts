import type { ColumnState, Inspected, SchemaObject } from "./objects.ts";

/** Something that the migrations make otherwise than it is in the live database. */
export interface Difference {
  readonly kind: SchemaObject["kind"];
  /** `orders.total`, `orders_total_idx`. */
  readonly name: string;
  /** `database`: only there. `migrations`: what they make is not there. `both`: it is another one. */
  readonly in: "database" | "migrations" | "both";
  /** Makes of what the migrations make what the database has; null where a person has to write it. */
  readonly forward: string | null;
  /** Makes of what the database has what the migrations make; null where a person has to write it. */
  readonly back: string | null;
}

/** What the live database has beyond, less than and otherwise than what its own migrations make. */
export function differences(
  live: readonly SchemaObject[],
  made: readonly SchemaObject[],
): readonly Difference[] {
  const there = byKey(live);
  const here = byKey(made);
  const found = [...new Set([...there.keys(), ...here.keys()])].flatMap((key): Difference[] => {
    const [left, right] = [there.get(key), here.get(key)];
    if (left === undefined && right === undefined) return [];
    const object = (left ?? right)!;
    // It comes and goes with its table, which is told.
    const owner = object.table === null ? null : `table\n\n${object.table}`;
    if (owner !== null && there.has(owner) !== here.has(owner)) return [];
    if (left === undefined) return [told(object, "migrations", object.drop, object.sql)];
    if (right === undefined) return [told(object, "database", object.sql, object.drop)];
    if (textOf(left) === textOf(right)) return [];
    return [told(left, "both", changed(right, left), changed(left, right))];
  });
  return found;
}

/** Not partitions, which jobs make and drop; nor schemas of others, in which migrations make nothing. */
export function comparable({ objects, made }: Inspected): {
  readonly live: readonly SchemaObject[];
  readonly made: readonly SchemaObject[];
} {
  if ("problem" in made) return { live: [], made: [] };
  const ours = new Set(made.objects.map(schemaOf));
  const counts = (object: SchemaObject) => object.ofPartition !== true;
  const isOurs = (object: SchemaObject) => schemaOf(object) === "" || ours.has(schemaOf(object));
  return {
    live: objects.filter((object) => counts(object) && isOurs(object)),
    made: made.objects.filter(counts),
  };
}

/** Empty for the one that the URL names. */
function schemaOf({ kind, table, name }: SchemaObject): string {
  if (kind === "schema") return name;
  return /^("(?:[^"]|"")*"|[^".(]+)\./.exec(table ?? name)?.[1] ?? "";
}

function byKey(objects: readonly SchemaObject[]): ReadonlyMap<string, SchemaObject> {
  return new Map(
    objects.map((object) => [
      `${object.kind}\n${object.table === null ? "" : object.table}\n${object.name}`,
      object,
    ]),
  );
}

function textOf({ sql, compared, invalid }: SchemaObject): string {
  return `${compared ?? sql}${invalid === true ? " invalid" : ""}`;
}

function told(
  { kind, table, name }: SchemaObject,
  where: Difference["in"],
  forward: string | null,
  back: string | null,
): Difference {
  const inTable = table === null || kind === "row security" || kind === "index";
  return { kind, name: inTable ? name : `${table}.${name}`, in: where, forward, back };
}

/** What makes `to` of `from`. */
function changed(from: SchemaObject, to: SchemaObject): string | null {
  if (from.column !== undefined && to.column !== undefined)
    return changedColumn(from, from.column, to.column);
  if (from.kind === "table" || from.kind === "type" || from.kind === "schema") return null;
  return `${from.drop};\n${to.sql}`;
}

function changedColumn({ table, name }: SchemaObject, from: ColumnState, to: ColumnState): string | null {
  if (from.generated !== to.generated) return null;
  const steps = [
    ...(from.type === to.type ? [] : [`TYPE ${to.type}`]),
    ...(from.fallback === to.fallback
      ? []
      : [to.fallback === null ? "DROP DEFAULT" : `SET DEFAULT ${to.fallback}`]),
    ...(from.notNull === to.notNull ? [] : [to.notNull ? "SET NOT NULL" : "DROP NOT NULL"]),
  ];
  return `ALTER TABLE ${table ?? ""} ${steps.map((step) => `ALTER COLUMN ${name} ${step}`).join(", ")}`;
}
