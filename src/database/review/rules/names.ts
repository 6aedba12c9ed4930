import type { TypeFacts } from "../change.ts";

/** A name in SQL: quoted where PostgreSQL would read another one, or a word of its own. */
export function quoted(name: string): string {
  return name
    .split(".")
    .map((part) =>
      /^[a-z_][a-z0-9_$]*$/.test(part) && !reserved.has(part) ? part : `"${part.replaceAll('"', '""')}"`,
    )
    .join(".");
}

/** `orders_email_idx`, for a name that is not in use. PostgreSQL cuts names at 63 bytes. */
export function named(table: string, ...parts: readonly string[]): string {
  const [last, ...before] = [table.split(".").at(-1) ?? table, ...parts].reverse();
  const start = before.reverse().join("_");
  return quoted(`${start.slice(0, 62 - (last ?? "").length)}_${last ?? ""}`);
}

/** `numeric(65, 30)`, `"Role"[]`. */
export function typeText({ name, modifiers, array, serial }: TypeFacts): string {
  const limits = modifiers.length > 0 && name !== "interval" ? `(${modifiers.join(", ")})` : "";
  const words = serial ? (serialNames[name] ?? name) : quoted(name);
  return `${words}${limits}${array ? "[]" : ""}`;
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function listed(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? "";
  if (names.length <= 3) return `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
  return `${names.slice(0, 2).join(", ")} and ${String(names.length - 2)} more`;
}

const serialNames: Readonly<Record<string, string>> = {
  int2: "smallserial",
  int4: "serial",
  int8: "bigserial",
};

/** The key words that are neither the name of a table nor of a column: appendix C of PostgreSQL's manual. */
const reserved = new Set(
  (
    "all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation " +
    "column concurrently constraint create cross current_catalog current_date current_role current_schema current_time " +
    "current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze " +
    "from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit " +
    "localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references " +
    "returning right select session_user similar some symmetric system_user table tablesample then to trailing true " +
    "union unique user using variadic verbose when where window with"
  ).split(" "),
);
