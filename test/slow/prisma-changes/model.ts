import type { Attribute, Block, Field, Model } from "@mrleebo/prisma-ast";

/** A model of a client, as far as its use needs it. */
export interface ClientModel {
  readonly name: string;
  /** As a property of the client: `orderLine`. */
  readonly accessor: string;
  readonly scalars: readonly Scalar[];
  readonly relations: readonly Relation[];
  /** The fields of @@id, or the one with @id. */
  readonly id: readonly string[];
}

export interface Scalar {
  readonly name: string;
  readonly type: string;
  readonly list: boolean;
  readonly required: boolean;
  readonly hasDefault: boolean;
  readonly isId: boolean;
  /** By itself. */
  readonly unique: boolean;
  /** Part of what no two rows have in common. */
  readonly isKey: boolean;
  /** PostgreSQL gives the number. */
  readonly isCounted: boolean;
  /** Of @db.VarChar(50). */
  readonly limit: number | null;
  /** `Uuid` of @db.Uuid. */
  readonly native: string | null;
}

export interface Relation {
  readonly name: string;
  readonly to: string;
  /** Of this model; empty on the other side. */
  readonly fields: readonly string[];
  /** What it refers to. */
  readonly references: readonly string[];
  /** Goes with the row that it refers to. */
  readonly cascades: boolean;
  readonly required: boolean;
}

export interface ClientModels {
  readonly models: ReadonlyMap<string, ClientModel>;
  readonly enums: ReadonlyMap<string, readonly string[]>;
}

/** What the client of these models knows: nothing with @ignore. */
export async function clientModels(schema: string): Promise<ClientModels> {
  const { getSchema } = await import("@mrleebo/prisma-ast");
  const { list } = getSchema(schema);
  const all = list.filter(isModel);
  const names = new Set(all.map(({ name }) => name));
  const enums = new Map(
    list.flatMap((block) =>
      block.type === "enum"
        ? [[block.name, block.enumerators.flatMap((each) => (each.type === "enumerator" ? [each.name] : []))]]
        : [],
    ),
  );
  const used = all.filter((model) => attributesOf(model).every(({ name }) => name !== "ignore"));
  return { models: new Map(used.map((model) => [model.name, clientModel(model, names)])), enums };
}

function clientModel({ name, properties }: Model, models: ReadonlySet<string>): ClientModel {
  const fields = properties.flatMap((property) =>
    property.type === "field" && find(property, "ignore") === undefined ? [property] : [],
  );
  const isRelation = ({ fieldType }: Field) => models.has(typeName(fieldType));
  const key = attributesOf({ properties }).find((attribute) => attribute.name === "id");
  const keys = attributesOf({ properties }).flatMap((attribute) =>
    attribute.name === "id" || attribute.name === "unique" ? names(attribute.args?.[0]?.value) : [],
  );
  return {
    name,
    accessor: `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
    scalars: fields.filter((field) => !isRelation(field)).map((field) => scalar(field, keys)),
    relations: fields.filter(isRelation).map(relation),
    id:
      key === undefined
        ? fields.filter((field) => find(field, "id") !== undefined).map((field) => field.name)
        : names(key.args?.[0]?.value),
  };
}

function isModel(block: Block): block is Model {
  return block.type === "model";
}

/** Those of the model itself: `@@id`, `@@ignore`. */
function attributesOf({ properties }: Pick<Model, "properties">): Attribute[] {
  return properties.filter(
    (property): property is Extract<typeof property, Attribute> => property.type === "attribute",
  );
}

function scalar(field: Field, keys: readonly string[]): Scalar {
  const native = (field.attributes ?? []).find(({ group }) => group === "db");
  const limit = native?.args?.[0]?.value;
  const has = (name: string) => find(field, name) !== undefined;
  return {
    name: field.name,
    type: typeName(field.fieldType),
    list: field.array === true,
    required: field.optional !== true,
    hasDefault: has("default") || has("updatedAt") || field.array === true,
    isId: has("id"),
    unique: has("unique"),
    isKey: has("id") || has("unique") || keys.includes(field.name),
    isCounted: (find(field, "default")?.args ?? []).some(
      ({ value }) =>
        typeof value === "object" && value !== null && "name" in value && value.name === "autoincrement",
    ),
    limit: typeof limit === "string" || typeof limit === "number" ? Number(limit) : null,
    native: native?.name ?? null,
  };
}

function relation(field: Field): Relation {
  const args = find(field, "relation")?.args ?? [];
  const list = (key: string) => {
    for (const { value } of args)
      if (
        typeof value === "object" &&
        value !== null &&
        !Array.isArray(value) &&
        "key" in value &&
        value.key === key
      )
        return names(value.value);
    return [];
  };
  return {
    name: field.name,
    to: typeName(field.fieldType),
    fields: list("fields"),
    references: list("references"),
    cascades: args.some(
      ({ value }) =>
        typeof value === "object" &&
        value !== null &&
        "key" in value &&
        value.key === "onDelete" &&
        value.value === "Cascade",
    ),
    required: field.optional !== true && field.array !== true,
  };
}

function typeName(type: Field["fieldType"]): string {
  return typeof type === "string" ? type : type.name;
}

function find({ attributes }: Field, name: string): Attribute | undefined {
  return attributes?.find((each) => each.name === name && each.group === undefined);
}

function names(value: unknown): string[] {
  const list = (value as { args?: readonly unknown[] } | undefined)?.args ?? [];
  return list.map((each) => (typeof each === "string" ? each : String((each as { name?: unknown }).name)));
}
