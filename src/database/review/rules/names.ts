import type { TypeFacts } from "../change.ts";
import { quoted } from "../sql/quoted.ts";

export { quoted };

/** `orders_email_idx`, for a name that is not in use. PostgreSQL cuts names at 63 bytes. */
export function named(table: string, ...parts: readonly string[]): string {
  const [last, ...before] = [table.split(".").at(-1) ?? table, ...parts].reverse();
  const start = before.reverse().join("_");
  return quoted(`${start.slice(0, 62 - (last ?? "").length)}_${last ?? ""}`);
}

/** `numeric(65, 30)`, `"Role"[]`. */
export function typeText({ name, modifiers, array, serial }: TypeFacts): string {
  const limits = modifiers.length > 0 && name !== "interval" ? `(${modifiers.join(", ")})` : "";
  const words = (serial ? serialNames : typeNames)[name] ?? quoted(name);
  return `${words}${limits}${array ? "[]" : ""}`;
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function listed(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? "";
  if (names.length <= 3) return `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
  return `${names.slice(0, 2).join(", ")} and ${String(names.length - 2)} more`;
}

/** As people write them, and not as PostgreSQL keeps them. */
const typeNames: Readonly<Record<string, string>> = {
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  float4: "real",
  float8: "double precision",
  bool: "boolean",
  bpchar: "char",
};

const serialNames: Readonly<Record<string, string>> = {
  int2: "smallserial",
  int4: "serial",
  int8: "bigserial",
};
