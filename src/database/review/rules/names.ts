/** A name in SQL: quoted where PostgreSQL would read another one. */
export function quoted(name: string): string {
  return name
    .split(".")
    .map((part) => (/^[a-z_][a-z0-9_$]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`))
    .join(".");
}

/** `orders_email_idx`, for a name that is not in use. */
export function named(table: string, ...parts: readonly string[]): string {
  return quoted([table.split(".").at(-1) ?? table, ...parts].join("_"));
}
