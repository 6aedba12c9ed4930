import { canonicalJson, type Json } from "../model/canonical-json.ts";

export type OutputFormat = "text" | "json";

/** What a function answers: text that is worth reading, or the same for machines. */
export function answerOf(format: OutputFormat, text: string, json: Json): string {
  return format === "json" ? canonicalJson(json) : text;
}
