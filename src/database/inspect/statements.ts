import type { SchemaObject } from "./objects.ts";

/** The statements that would make what the database is now: what a review of the next migrations begins with. */
export function schemaStatements(objects: readonly SchemaObject[]): string[] {
  return objects
    .filter(({ kind, invalid }) => kind !== "column" && invalid !== true)
    .filter(({ table, name }) => !isOfOtherPublic(table ?? name))
    .map(({ sql }) => sql);
}

/** Told with its schema, `public` is not the one that migrations mean: names of the review have none for it. */
function isOfOtherPublic(name: string): boolean {
  return name.startsWith("public.");
}
