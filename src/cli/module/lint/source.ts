import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import ts from "typescript";

export interface ParsedFile {
  readonly path: string;
  readonly tree: ts.SourceFile;
  /** `src/module.ts:12` */
  readonly placeOf: (node: ts.Node) => string;
}

export async function parseFile(root: string, path: string): Promise<ParsedFile> {
  const tree = ts.createSourceFile(path, await readFile(path, "utf8"), ts.ScriptTarget.ES2023, true);
  return {
    path,
    tree,
    placeOf: (node) =>
      `${relative(root, path)}:${String(tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1)}`,
  };
}

export function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => {
    visit(child, look);
  });
}
