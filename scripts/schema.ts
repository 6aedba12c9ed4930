import { writeFileSync } from "node:fs";
import { format } from "prettier";
import { jsonSchema } from "../src/config/config.ts";

/** Writes fairway.schema.json: `node scripts/schema.ts`. */
const text = await format(JSON.stringify(jsonSchema()), { parser: "json", printWidth: 110 });
writeFileSync(new URL("../fairway.schema.json", import.meta.url), text);
