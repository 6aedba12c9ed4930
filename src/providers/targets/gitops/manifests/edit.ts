import { parse, type ParsedNode } from "yaml";
import { canonicalJson, type Json } from "../../../../model/canonical-json.ts";
import {
  find,
  isParsedMap,
  pairOf,
  parseManifest,
  type Manifest,
  type ParsedMap,
  type ParsedPair,
  type YamlPath,
} from "./document.ts";
import { isProblem } from "./problems.ts";

/** One change of a manifest. `document` counts from 0 in the file. */
export type Edit = { readonly document: number } & (
  | { readonly kind: "set"; readonly at: YamlPath; readonly value: string }
  /** In a map that does not have the key, after one that it has. */
  | {
      readonly kind: "add";
      readonly map: YamlPath;
      readonly key: string;
      readonly value: string;
      readonly after: string;
    }
  | { readonly kind: "remove"; readonly map: YamlPath; readonly key: string }
  /** Another key with another value in the same place. */
  | {
      readonly kind: "rename";
      readonly map: YamlPath;
      readonly key: string;
      readonly to: string;
      readonly value: string;
    }
);

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text with the edits made and every other byte as it was: comments, order, indentation, quotes. What comes out is read again
 * and compared with what was meant.
 * @throws Error when it is not the same: nothing is written that nobody has asked for
 */
export function edited(manifest: Manifest, edits: readonly Edit[]): string {
  // From the end, so that offsets hold; of two at one place the later edit comes first, to stand behind the other.
  const splices = edits
    .map((edit) => spliceOf(manifest, edit))
    .reverse()
    .sort((a, b) => b.start - a.start);
  let { text } = manifest;
  for (const { start, end, text: replacement } of splices) {
    text = text.slice(0, start) + replacement + text.slice(end);
  }
  const after = parseManifest(manifest.file, text);
  if (isProblem(after) || meaningOf(after) !== meant(manifest, edits)) {
    throw new Error(
      `the edit of ${manifest.file} would have changed something else too; nothing was written`,
    );
  }
  return text;
}

function spliceOf(manifest: Manifest, edit: Edit): Splice {
  const { text } = manifest;
  switch (edit.kind) {
    case "set": {
      const { node, pair } = existing(manifest, edit.document, edit.at);
      return node === null ? emptyValue(text, pair, edit.value) : inPlace(text, node, edit.value);
    }
    case "add": {
      const map = mapAt(manifest, edit.document, edit.map);
      const after = pairIn(map, edit.after);
      return addition(text, map, after, `${edit.key}: ${scalar(edit.value, null)}`);
    }
    case "remove":
      return removal(text, mapAt(manifest, edit.document, edit.map), edit.key);
    case "rename": {
      const pair = pairIn(mapAt(manifest, edit.document, edit.map), edit.key);
      const start = pair.key.range[0];
      const value = inPlace(text, pair.value ?? pair.key, edit.value);
      return {
        start,
        end: value.end,
        text: `${edit.to}: ${pair.value === null ? scalar(edit.value, null) : value.text}`,
      };
    }
  }
}

/** In the quotes that it has. */
function inPlace(text: string, node: ParsedNode, value: string): Splice {
  const [start, end] = node.range;
  if (start === end) return emptyAt(text, start, value);
  return { start, end, text: scalar(value, text[start] ?? null) };
}

function emptyValue(text: string, pair: ParsedPair | null, value: string): Splice {
  return emptyAt(text, text.indexOf(":", pair?.key.range[1]) + 1, value);
}

function emptyAt(text: string, at: number, value: string): Splice {
  const before = /[\s[{,]/.test(text[at - 1] ?? " ") ? "" : " ";
  const after = /[\s,\]}]/.test(text[at] ?? " ") ? "" : " ";
  return { start: at, end: at, text: `${before}${scalar(value, null)}${after}` };
}

function addition(text: string, map: ParsedMap, after: ParsedPair, pair: string): Splice {
  const end = (after.value ?? after.key).range[1];
  if (map.flow === true) return { start: end, end, text: `, ${pair}` };
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const indentation = " ".repeat(columnOf(text, after.key.range[0]));
  const endOfLine = text.indexOf("\n", end);
  if (endOfLine === -1)
    return { start: text.length, end: text.length, text: `${newline}${indentation}${pair}` };
  return { start: endOfLine + 1, end: endOfLine + 1, text: `${indentation}${pair}${newline}` };
}

/** With its whole line, or up to the next key where another thing begins on the line too. */
function removal(text: string, map: ParsedMap, key: string): Splice {
  const pair = pairIn(map, key);
  const index = map.items.indexOf(pair);
  const next = map.items[index + 1] as ParsedPair | undefined;
  const start = pair.key.range[0];
  const end = (pair.value ?? pair.key).range[1];
  if (map.flow === true) {
    if (next !== undefined) return { start, end: next.key.range[0], text: "" };
    const before = map.items[index - 1] as ParsedPair | undefined;
    return { start: (before?.value ?? before?.key)?.range[1] ?? start, end, text: "" };
  }
  const line = text.lastIndexOf("\n", start - 1) + 1;
  if (text.slice(line, start).trim() !== "") return { start, end: next?.key.range[0] ?? end, text: "" };
  const endOfLine = text.indexOf("\n", end);
  if (endOfLine !== -1) return { start: line, end: endOfLine + 1, text: "" };
  return { start: Math.max(0, line - (text[line - 2] === "\r" ? 2 : 1)), end: text.length, text: "" };
}

/** A value in YAML, in single or double quotes where the one before had them, or where it needs them. */
function scalar(value: string, quote: string | null): string {
  if (quote === "'") return `'${value.replaceAll("'", "''")}'`;
  if (quote === '"') return JSON.stringify(value);
  try {
    // As strict as inside of a flow collection.
    if ((parse(`[${value}]`) as unknown[])[0] === value) return value;
  } catch {
    // It needs quotes.
  }
  return JSON.stringify(value);
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}

function existing(manifest: Manifest, document: number, path: YamlPath) {
  const found = find(manifest.documents[document]!, path);
  if (found.kind === "found") return found;
  throw new Error(`${manifest.file} has no ${path.join(".")}`);
}

function mapAt(manifest: Manifest, document: number, path: YamlPath): ParsedMap {
  const { node } = existing(manifest, document, path);
  if (isParsedMap(node)) return node;
  throw new Error(`${path.join(".")} in ${manifest.file} is no map`);
}

function pairIn(map: ParsedMap, key: string): ParsedPair {
  const pair = pairOf(map, key);
  if (pair !== undefined) return pair;
  throw new Error(`there is no ${key}`);
}

function meaningOf({ documents }: Manifest): string {
  return canonicalJson(documents.map((document) => document.toJS() as Json));
}

/** The same changes made to plain data. */
function meant({ documents }: Manifest, edits: readonly Edit[]): string {
  const all = documents.map((document) => document.toJS() as Json);
  for (const edit of edits) {
    if (edit.kind === "set") {
      const parent = dataAt(all, [edit.document, ...edit.at.slice(0, -1)]);
      parent[String(edit.at.at(-1))] = edit.value;
      continue;
    }
    const map = dataAt(all, [edit.document, ...edit.map]);
    if (edit.kind !== "add") Reflect.deleteProperty(map, edit.key);
    if (edit.kind !== "remove") map[edit.kind === "add" ? edit.key : edit.to] = edit.value;
  }
  return canonicalJson(all);
}

function dataAt(data: unknown, path: YamlPath): Record<string, unknown> {
  return path.reduce((value, key) => (value as Record<string, unknown>)[key], data) as Record<
    string,
    unknown
  >;
}
