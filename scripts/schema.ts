import { writeFileSync } from "node:fs";
import { format } from "prettier";
import { jsonSchema } from "../src/config/config.ts";
import { planJsonSchema } from "../src/release/plan/schema.ts";
import { scenarioJsonSchema } from "../src/testing/testing.ts";

/** Writes the JSON schemas that are published: `node scripts/schema.ts`. */
const schemas = {
  "fairway.schema.json": jsonSchema(),
  "plan.schema.json": planJsonSchema(),
  "scenario.schema.json": scenarioJsonSchema(),
};
for (const [name, schema] of Object.entries(schemas)) {
  const text = await format(JSON.stringify(schema), { parser: "json", printWidth: 110 });
  writeFileSync(new URL(`../${name}`, import.meta.url), text);
}
