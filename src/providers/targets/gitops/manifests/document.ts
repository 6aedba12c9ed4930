import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Pair,
  type ParsedNode,
  type YAMLMap,
} from "yaml";
import type { ManifestProblem } from "./problems.ts";

export type YamlPath = readonly (string | number)[];
export type ParsedMap = YAMLMap.Parsed;
export type ParsedPair = Pair<ParsedNode, ParsedNode | null>;

/** A manifest as text and as what it says. */
export interface Manifest {
  /** From the repository's root. */
  readonly file: string;
  readonly text: string;
  readonly documents: readonly Document.Parsed[];
  /** `apps/shop/values.yaml:12:5` of an offset in the text. */
  placeOf(offset: number): string;
}

export function parseManifest(file: string, text: string): Manifest | ManifestProblem {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines });
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const list: readonly Document.Parsed[] = Array.isArray(documents) ? documents : [];
  const error = list.flatMap(({ errors }) => errors).at(0);
  if (error === undefined) return { file, text, documents: list, placeOf };
  return {
    code: "MANIFEST_INVALID",
    message: `is not valid YAML: ${error.message.split(/ at line \d|\n/)[0] ?? ""}`,
    place: placeOf(error.pos[0]),
    remedy: "mend it in the manifests repository",
  };
}

/** A node, and how far its path exists when it does not. */
export type Found =
  | { readonly kind: "found"; readonly node: ParsedNode | null; readonly pair: ParsedPair | null }
  | { readonly kind: "missing"; readonly at: number; readonly key: string | number };

/** What is at a path of a document. */
export function find(document: Document.Parsed, path: YamlPath): Found {
  let node: ParsedNode | null = document.contents;
  let pair: ParsedPair | null = null;
  for (const key of path) {
    const at: number = node?.range[0] ?? 0;
    const next: ParsedPair | ParsedNode | undefined = isMap(node)
      ? pairOf(node, String(key))
      : isSeq(node) && /^\d+$/.test(String(key))
        ? node.items[Number(key)]
        : undefined;
    if (next === undefined) return { kind: "missing", at, key };
    pair = isPair(next) ? next : null;
    node = isPair(next) ? next.value : next;
  }
  return { kind: "found", node, pair };
}

export function pairOf(map: ParsedMap, key: string): ParsedPair | undefined {
  return (map.items as ParsedPair[]).find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}

export function isParsedMap(node: unknown): node is ParsedMap {
  return isMap(node) && isNode(node);
}

/**
 * The text of a scalar as it is written, so that the tag 1.10 is not the number 1.1; null for an empty one. Undefined for what
 * is no scalar.
 */
export function textOf(node: ParsedNode | null | undefined): string | null | undefined {
  if (node === null) return null;
  if (!isScalar(node)) return undefined;
  const scalar = node;
  if (scalar.value === null || scalar.source === "") return null;
  return typeof scalar.value === "string" ? scalar.value : scalar.source;
}

/** Why a value cannot be replaced where it stands: it is shared, or not on one line. Null when it can. */
export function whyFixed(node: ParsedNode | null): string | null {
  if (node === null) return null;
  if (isAlias(node)) return `is an alias of &${node.source}: the value is shared with other places`;
  if (!isScalar(node)) return "is not a single value";
  if (node.anchor !== undefined)
    return `has the anchor &${node.anchor}: the value is shared with other places`;
  if (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED") return "is a block of text";
  return null;
}
