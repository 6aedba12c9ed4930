import { canonicalJson, type Json } from "../../model/canonical-json.ts";
import { visibleJson } from "../../model/visible.ts";
import type { MigrationsReport } from "./reviewed.ts";

/** The whole value. */
export function migrationsJson({ places, command: _, ...rest }: MigrationsReport): string {
  const value = { ...rest, places: Object.fromEntries(places) };
  return visibleJson(canonicalJson(value as unknown as Json));
}
