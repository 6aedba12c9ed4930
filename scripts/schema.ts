import { writeFileSync } from "node:fs";
import { format } from "prettier";
import { jsonSchema } from "../src/config/config.ts";
import { planJsonSchema } from "../src/release/plan/schema.ts";

/** Writes fairway.schema.json and plan.schema.json: `node scripts/schema.ts`. */
const schemas = { "fairway.schema.json": jsonSchema(), "plan.schema.json": planJsonSchema() };
for (const [name, schema] of Object.entries(schemas)) {
  const text = await format(JSON.stringify(schema), { parser: "json", printWidth: 110 });
  writeFileSync(new URL(`../${name}`, import.meta.url), text);
}
