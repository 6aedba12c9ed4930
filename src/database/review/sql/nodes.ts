import type { Node, RangeVar } from "libpg-query";

export type Kind = Node extends infer Each ? (Each extends unknown ? keyof Each : never) : never;
export type Content<Key extends Kind> = Node extends infer Each
  ? Each extends Readonly<Record<Key, infer Value>>
    ? Value
    : never
  : never;

/** The node's content where it is of this kind. */
export function as<Key extends Kind>(node: Node | undefined, kind: Key): Content<Key> | undefined {
  return node === undefined ? undefined : (node as unknown as Partial<Record<Key, Content<Key>>>)[kind];
}

export function each<Key extends Kind>(nodes: readonly Node[] | undefined, kind: Key): Content<Key>[] {
  return (nodes ?? []).flatMap((node) => as(node, kind) ?? []);
}

export function kindOf(node: Node): string {
  return Object.keys(node)[0] ?? "statement";
}

/** The texts of a list of names: `["billing", "orders"]`. */
export function strings(nodes: readonly Node[] | undefined): string[] {
  return each(nodes, "String").map(({ sval }) => sval ?? "");
}

export function tableName(relation: RangeVar | undefined): string {
  return nameOf([relation?.schemaname, relation?.relname]);
}

/** `orders`, `billing.orders`; `public` is left out, and what would be read as two names is in quotes. */
export function nameOf(parts: readonly (string | undefined)[]): string {
  const given = parts.filter((part) => part !== undefined && part !== "");
  const named = given.length > 1 && given.at(-2) === "public" ? given.slice(-1) : given.slice(-2);
  return named.map((part) => (part?.includes(".") ? JSON.stringify(part) : part)).join(".");
}

/** The name in a DROP or RENAME, which is a list of strings, a type or a function. */
export function objectName(node: Node): string {
  const list = as(node, "List");
  if (list !== undefined) return nameOf(strings(list.items));
  const type = as(node, "TypeName");
  if (type !== undefined) return nameOf(strings(type.names));
  const called = as(node, "ObjectWithArgs");
  if (called !== undefined) return nameOf(strings(called.objname));
  return as(node, "String")?.sval ?? "";
}

/** `CreateFunctionStmt` -> `CREATE FUNCTION`, `AT_SetStatistics` -> `SET STATISTICS`. */
export function spelled(kind: string): string {
  return kind
    .replace(/^(AT|OBJECT)_/, "")
    .replace(/Stmt$/, "")
    .replaceAll("_", " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toUpperCase();
}
