/** A name that stands where PostgreSQL takes it to be in the schema of another: an index in that of its table. */
export function withSchemaOf(other: string, name: string): string {
  const end = other.startsWith('"') ? other.indexOf('".') + 1 : other.indexOf(".");
  return end > 0 ? `${other.slice(0, end)}.${name}` : name;
}
