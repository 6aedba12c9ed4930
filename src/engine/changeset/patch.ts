import { createHash } from "node:crypto";
import { structuredPatch } from "diff";
import { EngineError } from "../errors.ts";
import { byBytes } from "../files/paths.ts";
import { same } from "../files/compare.ts";
import { TreeView, type TreeEntry } from "../files/tree.ts";
import { refusal } from "../validation.ts";
import type { Sides } from "./changeset.ts";

/** The changes as `git diff` writes them. Folders are not in it; lines that repeat may be told in another order than git's. */
export async function patchOf({ before, after }: Sides): Promise<string> {
  const paths = new Set([...before.entries.keys(), ...after.entries.keys()]);
  const views = { before: new TreeView(before.entries), after: new TreeView(after.entries) };
  const parts: string[] = [];
  for (const path of [...paths].sort(byBytes)) {
    const [old, next] = [before.entries.get(path), after.entries.get(path)].map(withoutFolders);
    if (old === next || (old !== undefined && next !== undefined && same(old, next))) continue;
    const sides = [await sideOf(views.before, path, old), await sideOf(views.after, path, next)] as const;
    // What changes its kind goes and comes.
    if (old !== undefined && next !== undefined && old.type !== next.type)
      parts.push(filePatch(path, sides[0], nothing), filePatch(path, nothing, sides[1]));
    else parts.push(filePatch(path, ...sides));
  }
  return parts.join("");
}

interface Side {
  /** As git has it: `100644`; undefined where there is no file. */
  readonly mode?: string;
  readonly text: string;
  readonly id: string;
}

const nothing: Side = { text: "", id: "0000000" };

function withoutFolders(entry: TreeEntry | undefined): TreeEntry | undefined {
  return entry?.type === "directory" ? undefined : entry;
}

async function sideOf(view: TreeView, path: string, entry: TreeEntry | undefined): Promise<Side> {
  if (entry === undefined) return nothing;
  const isLink = entry.type === "symlink";
  const bytes = isLink ? Buffer.from(entry.target ?? "") : await view.read(`/${path}`);
  const text = bytes.toString();
  // Git would write a binary patch; a text in another encoding it would write as it is.
  if (bytes.includes(0) || Buffer.byteLength(text) !== bytes.length || !Buffer.from(text).equals(bytes))
    throw new EngineError(refusal(`Changeset.asPatch of ${path}, which is no text in UTF-8,`));
  const hash = createHash("sha1")
    .update(`blob ${String(bytes.length)}\0`)
    .update(bytes)
    .digest("hex");
  const mode = isLink ? "120000" : (entry.mode & 0o111) === 0 ? "100644" : "100755";
  return { mode, text, id: hash.slice(0, 7) };
}

function filePatch(path: string, old: Side, next: Side): string {
  const names = { old: quoted(`a/${path}`), next: quoted(`b/${path}`) };
  const left = old.mode === undefined ? names.next : names.old;
  const right = next.mode === undefined ? names.old : names.next;
  const index = `index ${old.id}..${next.id}`;
  const lines = [`diff --git ${left} ${right}`];
  if (old.mode === undefined) lines.push(`new file mode ${next.mode ?? ""}`, index);
  else if (next.mode === undefined) lines.push(`deleted file mode ${old.mode}`, index);
  else if (old.mode !== next.mode) {
    lines.push(`old mode ${old.mode}`, `new mode ${next.mode}`);
    if (old.id !== next.id) lines.push(index);
  } else if (old.id === next.id) return "";
  else lines.push(`${index} ${old.mode}`);
  const hunks = hunksOf(old.text, next.text);
  if (hunks.length > 0) {
    lines.push(`--- ${old.mode === undefined ? "/dev/null" : tabbed(names.old)}`);
    lines.push(`+++ ${next.mode === undefined ? "/dev/null" : tabbed(names.next)}`);
  }
  return [...lines, ...hunks].map((line) => `${line}\n`).join("");
}

function hunksOf(old: string, next: string): readonly string[] {
  if (old === next) return [];
  const above = old.split("\n");
  return structuredPatch("", "", old, next, undefined, undefined, { context: 3 }).hunks.flatMap((hunk) => {
    const heading = above
      .slice(0, Math.max(0, hunk.oldStart - 1))
      .findLast((line) => /^[A-Za-z_$]/.test(line));
    const title = heading === undefined ? "" : ` ${heading.slice(0, 80).trimEnd()}`;
    const range = `@@ -${span(hunk.oldStart, hunk.oldLines)} +${span(hunk.newStart, hunk.newLines)} @@`;
    return [`${range}${title}`, ...hunk.lines];
  });
}

function span(start: number, count: number): string {
  if (count === 0) return `${String(Math.max(0, start - 1))},0`;
  return count === 1 ? String(start) : `${String(start)},${String(count)}`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

/** A name as git quotes it where something in it is no plain ASCII. */
function quoted(name: string): string {
  const bytes = Buffer.from(name).toString("latin1");
  const escaped = bytes.replace(/[^ !#-[\]-~]/g, (character) => {
    return shortEscapes[character] ?? `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
  return escaped === bytes ? name : `"${escaped}"`;
}

/** A tab tells where a name with spaces ends. */
function tabbed(name: string): string {
  return name.includes(" ") ? `${name}\t` : name;
}
