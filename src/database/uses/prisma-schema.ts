import type { Attribute, Block, Field, Model, Schema, View } from "@mrleebo/prisma-ast";
import type { DatabaseUses } from "../../model/plan.ts";
import { nameOf } from "../review/sql/nodes.ts";

/**
 * What a client that Prisma generates from this schema reads and writes, by the names that the database has. Models and
 * fields with @@ignore and @ignore are in no client.
 * @throws Error where it cannot be read
 */
export async function usesOfPrismaSchema(text: string): Promise<Omit<DatabaseUses, "sql">> {
  const { getSchema } = await import("@mrleebo/prisma-ast");
  const schema: Schema = getSchema(text);
  const models = schema.list
    .filter(isModel)
    .filter((model) => attribute(model.properties, "ignore") === undefined);
  const names = new Set(models.map(({ name }) => name));
  const tables = models.map((model): [string, string[]] => [tableOf(model), columnsOf(model, names)]);
  const types = schema.list.flatMap((block) =>
    block.type === "enum" ? [inSchema(block.enumerators, mapped(block.enumerators, block.name))] : [],
  );
  return { tables: Object.fromEntries([...tables, ...joinTables(models)].sort(byName)), types: types.sort() };
}

type Table = Model | View;

function isModel(block: Block): block is Table {
  return block.type === "model" || block.type === "view";
}

function tableOf({ name, properties }: Table): string {
  return inSchema(properties, mapped(properties, name));
}

/** As the review names it. @param list where its `@@schema` stands */
function inSchema(list: Attributed, name: string): string {
  return nameOf([textOf(attribute(list, "schema")), name]);
}

function columnsOf(model: Table, models: ReadonlySet<string>): string[] {
  return fieldsOf(model)
    .filter((field) => !isRelation(field, models) && attribute(field.attributes, "ignore") === undefined)
    .map(({ name, attributes }) => textOf(attribute(attributes, "map")) ?? name);
}

/** Lists on both sides, and no column for it: Prisma keeps them in a table of its own, `_CategoryToPost`, in the schema of the first. */
function joinTables(models: readonly Table[]): [string, string[]][] {
  const names = new Set(models.map(({ name }) => name));
  const lists = models.flatMap((model) =>
    fieldsOf(model).flatMap(({ array, fieldType, attributes }) =>
      array === true && typeof fieldType === "string" && names.has(fieldType)
        ? [{ from: model.name, to: fieldType, name: textOf(attribute(attributes, "relation")) }]
        : [],
    ),
  );
  return lists.flatMap(({ from, to, name }, index): [string, string[]][] => {
    const other = lists.findIndex(
      (list, at) => at !== index && list.from === to && list.to === from && list.name === name,
    );
    if (other < index) return [];
    const pair = [from, to].sort();
    const first = models.find((model) => model.name === pair[0]);
    return [[inSchema(first?.properties, `_${name ?? pair.join("To")}`), ["A", "B"]]];
  });
}

function fieldsOf({ properties }: Table): Field[] {
  return properties.filter((property) => property.type === "field");
}

function isRelation({ fieldType }: Field, models: ReadonlySet<string>): boolean {
  return typeof fieldType === "string" && models.has(fieldType);
}

type Attributed = readonly { readonly type: string }[] | undefined;

function attribute(list: Attributed, name: string): Attribute | undefined {
  return list?.find(
    (entry): entry is Attribute => entry.type === "attribute" && (entry as Attribute).name === name,
  );
}

function mapped(list: Attributed, name: string): string {
  return textOf(attribute(list, "map")) ?? name;
}

/** The text of `@map("orders")`, `@map(name: "orders")`, `@relation(name: "x", ...)`. */
function textOf(found: Attribute | undefined): string | undefined {
  for (const { value } of found?.args ?? []) {
    if (typeof value === "string" && value.startsWith('"')) return JSON.parse(value) as string;
    if (
      typeof value !== "object" ||
      value === null ||
      Array.isArray(value) ||
      !("key" in value) ||
      value.key !== "name"
    )
      continue;
    if (typeof value.value === "string" && value.value.startsWith('"'))
      return JSON.parse(value.value) as string;
  }
  return undefined;
}

function byName([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
