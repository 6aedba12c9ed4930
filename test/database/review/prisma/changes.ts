import type { Phase } from "../../../../src/database/review/phase.ts";
import type { OldCode } from "../../../../src/database/review/effects/effects.ts";
import { models } from "./changes/models.ts";
import { fields } from "./changes/fields.ts";
import { types } from "./changes/types.ts";
import { keys } from "./changes/keys.ts";
import { edited, type Edit, shop } from "./schema.ts";

/** A change of a schema.prisma, and what the review has to say of the migration that Prisma writes for it. */
export interface SchemaChange {
  readonly title: string;
  /** From the shop to the schema of the previous release. */
  readonly before?: readonly Edit[];
  /** From that of the previous release to the new one. */
  readonly after: readonly Edit[];
  readonly phase: Phase;
  readonly oldCode: OldCode["verdict"];
  /** PostgreSQL refuses the migration: where the tables hold what the previous release wrote, or always. */
  readonly refused?: "with rows" | "always";
  /** Why a verdict of `may break` is not seen with this client: other code breaks. */
  readonly harmless?: string;
}

export const schemaChanges: readonly SchemaChange[] = [...models, ...fields, ...types, ...keys];

export function schemasOf({ before = [], after }: SchemaChange): { before: string; after: string } {
  const schema = edited(shop, before);
  return { before: schema, after: edited(schema, after) };
}
