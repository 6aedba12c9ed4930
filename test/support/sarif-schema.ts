import { createRequire } from "node:module";

/** Microsoft's package holds the schema of OASIS, and the validator that reads its draft. */
const load = createRequire(createRequire(import.meta.url).resolve("@microsoft/jest-sarif"));
interface Validator {
  addMetaSchema(schema: unknown): void;
  validate(schema: unknown, value: unknown): boolean;
  readonly errors: unknown;
}
const Ajv = load("ajv") as new (options: object) => Validator;
const ajv = new Ajv({ schemaId: "auto", validateSchema: false, allErrors: true });
ajv.addMetaSchema(load("ajv/lib/refs/json-schema-draft-04.json"));
const schema = load("./schemas/sarif-2.1.0-rtm.5.json") as object;

/** What keeps a text from being SARIF 2.1.0; null where nothing does. */
export function sarifErrors(text: string): unknown {
  return ajv.validate(schema, JSON.parse(text)) ? null : ajv.errors;
}
