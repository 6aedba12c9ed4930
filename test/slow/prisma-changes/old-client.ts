import { randomUUID } from "node:crypto";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { PrismaPg } from "@prisma/adapter-pg";
import { clientModels, type ClientModel, type ClientModels, type Scalar } from "./model.ts";

type Row = Record<string, unknown>;

/** What a model of a client answers to, as far as it is asked here. */
interface Delegate {
  create(query: { data: Row }): Promise<Row>;
  findMany(query?: { include: Row }): Promise<Row[]>;
  update(query: { where: Row; data: Row }): Promise<Row>;
  upsert(query: { where: Row; create: Row; update: Row }): Promise<Row>;
  delete(query: { where: Row }): Promise<Row>;
}

type GeneratedClient = { readonly $disconnect: () => Promise<void> } & Readonly<Record<string, Delegate>>;

export interface Failure {
  /** `Order.upsert by reference` */
  readonly use: string;
  readonly message: string;
}

export interface OldClient extends AsyncDisposable {
  /** Does with each model all that a client can, and answers what fails. */
  useAll(): Promise<Failure[]>;
  /** All rows of each model, in some order of their own; null where they cannot be read. */
  readAll(): Promise<Readonly<Record<string, readonly Row[] | null>>>;
}

/** The client of a release. @param entry its generated entry file */
export async function oldClient(entry: string, schema: string, url: string): Promise<OldClient> {
  const { PrismaClient } = (await import(pathToFileURL(entry).href)) as {
    PrismaClient: new (options: { adapter: PrismaPg }) => GeneratedClient;
  };
  const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
  const known = await clientModels(schema);
  return {
    useAll: async () => {
      const failures: Failure[] = [];
      for (const model of known.models.values())
        for (const [use, act] of usesOfModel(model, client, known)) {
          await act().catch((error: unknown) => {
            failures.push({ use: `${model.name}.${use}`, message: lastLine(error) });
          });
        }
      return failures;
    },
    readAll: async () => {
      const rows: Record<string, Row[] | null> = {};
      for (const { name, accessor } of known.models.values())
        rows[name] = await client[accessor]!.findMany().then(inOrder, () => null);
      return rows;
    },
    [Symbol.asyncDispose]: () => client.$disconnect(),
  };
}

function usesOfModel(
  model: ClientModel,
  client: GeneratedClient,
  known: ClientModels,
): [string, () => Promise<unknown>][] {
  const delegate = client[model.accessor]!;
  const make = (given: Row = {}) => created(model, client, known, { whole: true, given });
  const include = Object.fromEntries(
    model.relations.filter(({ to }) => known.models.has(to)).map(({ name }) => [name, true]),
  );
  const keys = model.scalars.filter(({ isId, unique }) => unique || isId).map(({ name }) => name);
  const varying = model.scalars.filter(({ isKey }) => isKey).map(({ name }) => name);
  const plain = model.scalars.filter(({ name, isKey }) => !isKey && !isForeign(model, name));
  return [
    ["create with what is required", () => created(model, client, known, { whole: false, given: {} })],
    ["create with all", () => make()],
    [
      "create with null where that may be",
      () =>
        make(
          Object.fromEntries(model.scalars.flatMap((field) => (field.required ? [] : [[field.name, null]]))),
        ),
    ],
    ...model.scalars.flatMap((field) =>
      (known.enums.get(field.type) ?? []).map((value): [string, () => Promise<unknown>] => [
        `create with ${field.name} ${value}`,
        () => make({ [field.name]: field.list ? [value] : value }),
      ]),
    ),
    [
      "create two that are alike",
      async () => {
        const first = await make();
        await make(Object.fromEntries(Object.entries(first).filter(([name]) => !varying.includes(name))));
      },
    ],
    ["findMany", () => delegate.findMany()],
    ...(Object.keys(include).length === 0
      ? []
      : [
          ["findMany with relations", () => delegate.findMany({ include })] as [
            string,
            () => Promise<unknown>,
          ],
        ]),
    [
      "update",
      async () => {
        const row = await make();
        const data = Object.fromEntries(plain.map((field) => [field.name, valueOf(field, known)]));
        sameValues(await delegate.update({ where: whereOf(model, row), data }), data);
      },
    ],
    ...keys.map((key): [string, () => Promise<unknown>] => [
      `upsert by ${key}`,
      async () => {
        const { [key]: value } = await make();
        const { data } = await dataOf(model, client, known, { whole: true, given: { [key]: value } });
        const update = Object.fromEntries(plain.map((field) => [field.name, valueOf(field, known)]));
        await delegate.upsert({ where: { [key]: value }, create: data, update });
      },
    ]),
    ...model.relations.flatMap(({ to, fields, references, cascades }): [string, () => Promise<unknown>][] =>
      cascades
        ? [
            [
              `delete of the ${to} that it refers to`,
              async () => {
                const row = await make();
                const where = Object.fromEntries(
                  references.map((name, index) => [name, row[fields[index]!]]),
                );
                await client[known.models.get(to)!.accessor]!.delete({ where });
              },
            ],
          ]
        : [],
    ),
    ["delete", async () => delegate.delete({ where: whereOf(model, await make()) })],
  ];
}

interface Wanted {
  /** With the fields that may be left out. */
  readonly whole: boolean;
  readonly given: Row;
}

async function created(
  model: ClientModel,
  client: GeneratedClient,
  known: ClientModels,
  wanted: Wanted,
): Promise<Row> {
  const { data } = await dataOf(model, client, known, wanted);
  const row = await client[model.accessor]!.create({ data });
  sameValues(row, data);
  return row;
}

/** A new row with rows of its own that it refers to. */
async function dataOf(
  model: ClientModel,
  client: GeneratedClient,
  known: ClientModels,
  { whole, given }: Wanted,
): Promise<{ data: Row }> {
  const data: Row = {};
  for (const field of model.scalars) {
    const isLeftOut = whole
      ? field.isCounted || (isForeign(model, field.name) && !field.required)
      : field.hasDefault || !field.required;
    if (!isLeftOut) data[field.name] = valueOf(field, known);
  }
  for (const { fields, references, to, required } of model.relations) {
    const other = known.models.get(to);
    const isGiven = fields.some((field) => field in given);
    if (fields.length === 0 || isGiven || other === undefined || other === model || (!required && !whole))
      continue;
    const parent = await created(other, client, known, { whole: false, given: {} });
    for (const [index, field] of fields.entries()) data[field] = parent[references[index]!];
  }
  return { data: { ...data, ...given } };
}

function isForeign({ relations }: ClientModel, name: string): boolean {
  return relations.some(({ fields }) => fields.includes(name));
}

function whereOf({ id }: ClientModel, row: Row): Row {
  const key = Object.fromEntries(id.map((name) => [name, row[name]]));
  return id.length === 1 ? key : { [id.join("_")]: key };
}

/** An order that no rewriting of the table changes. */
function inOrder(rows: readonly Row[]): Row[] {
  return rows.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}

let made = 0;

/** The largest that the field takes, another one each time. */
function valueOf({ name, type, list, limit, native }: Scalar, { enums }: ClientModels): unknown {
  const number = ++made;
  const one = (): unknown => {
    switch (type) {
      case "Int":
        return native === "SmallInt" ? 30_000 + number : 2_000_000_000 + number;
      case "BigInt":
        return 9_000_000_000_000_000n + BigInt(number);
      case "Float":
        return number + 0.123456;
      case "Decimal":
        return `${String(number)}.25`;
      case "Boolean":
        return true;
      case "DateTime":
        return new Date(Date.UTC(2040, 5, 15, 12, 30, 15, 123) + number * 1_000);
      case "Json":
        return { number };
      case "String":
        return native === "Uuid" ? randomUUID() : `${String(number)} ${name}`.padEnd(limit ?? 200, "x");
      default:
        return enums.get(type)?.at(-1);
    }
  };
  return list ? [one(), one()] : one();
}

/** What comes back is what was written. */
function sameValues(row: Row, data: Row): void {
  for (const [name, value] of Object.entries(data)) {
    const found = row[name];
    const isSame = typeof value === "string" ? String(found) === value : isDeepStrictEqual(found, value);
    if (!isSame) throw new Error(`${name} is ${String(found)}, and was written as ${String(value)}`);
  }
}

function lastLine(error: unknown): string {
  const { message } = error as Error;
  return message.trim().split("\n").at(-1) ?? message;
}
