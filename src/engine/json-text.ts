import { EngineError } from "./errors.ts";
import { byBytes } from "./files/paths.ts";

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EngineError(`invalid JSON: ${(error as Error).message}`);
  }
}

/** JSON as the engine writes it: keys sorted by their bytes, and what means something in HTML escaped. */
export function jsonText(value: unknown, indent = "", line = ""): string {
  if (typeof value !== "object" || value === null) return escaped(JSON.stringify(value));
  const inner = indent === "" ? "" : `${line}${indent}`;
  const items = Array.isArray(value)
    ? value.map((item) => jsonText(item, indent, inner))
    : Object.entries(value)
        .sort(([a], [b]) => byBytes(a, b))
        .map(([name, item]) => {
          return `${escaped(JSON.stringify(name))}:${indent === "" ? "" : " "}${jsonText(item, indent, inner)}`;
        });
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  if (items.length === 0 || indent === "") return `${open ?? ""}${items.join(",")}${close ?? ""}`;
  return `${open ?? ""}\n${inner}${items.join(`,\n${inner}`)}\n${line}${close ?? ""}`;
}

function escaped(text: string): string {
  return text.replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
