import { applyPatch, parsePatch, type StructuredPatch } from "diff";
import { EngineError } from "../errors.ts";
import type { Edit } from "../files/contents.ts";
import { putFile, putLink, remove } from "../files/edits.ts";
import { absolute, nameOf } from "../files/paths.ts";
import { fileEntry } from "../files/tree.ts";
import type { View } from "../../host/layers/layers.ts";
import { refusal } from "../validation.ts";

/** What `git apply` would do to a folder: all of the patch or nothing, no line of context missing. */
export async function editsOfPatch(view: View, folder: string, patch: string): Promise<readonly Edit[]> {
  const edits: Edit[] = [];
  const touched = new Set<string>();
  for (const part of parsed(patch)) {
    const names = namesOf(part);
    for (const name of [names.old, names.next]) {
      if (name === undefined) continue;
      if (touched.has(name)) throw new EngineError(refusal(`a patch that changes ${name} twice`));
    }
    for (const name of [names.old, names.next]) if (name !== undefined) touched.add(name);
    edits.push(...(await editsOfPart(view, folder, part, names)));
  }
  return edits;
}

interface Names {
  readonly old: string | undefined;
  readonly next: string | undefined;
}

async function editsOfPart(view: View, folder: string, part: StructuredPatch, names: Names): Promise<Edit[]> {
  if (part.isBinary === true)
    throw new EngineError(refusal(`a patch of ${names.next ?? ""}, which is binary,`));
  const at = (name: string) => absolute(name, folder);
  const before = names.old === undefined ? undefined : await view.stat(at(names.old), { follow: false });
  if (names.old !== undefined && before === undefined)
    throw notApplied(`${names.old}: No such file or directory`);
  if (names.next !== undefined && names.next !== names.old && (await isThere(view, at(names.next))))
    throw notApplied(`${names.next}: already exists in working directory`);
  const isLink = before?.type === "symlink";
  const old =
    before === undefined ? "" : isLink ? (before.target ?? "") : await text(view, at(names.old ?? ""));
  const next = applyPatch(old, part, { fuzzFactor: 0, autoConvertLineEndings: false });
  if (next === false) throw notApplied(`patch failed: ${names.old ?? names.next ?? ""}`);
  const gone = names.old === undefined || names.old === names.next || part.isCopy === true ? [] : [names.old];
  if (names.next === undefined && next !== "")
    throw notApplied(`${names.old ?? ""} is not what the patch deletes`);
  const edits = gone.map((name) => remove(at(name), { literal: true }));
  if (names.next === undefined) return edits;
  if (isLink || part.newMode === "120000") return [...edits, putLink(at(names.next), next)];
  const executable = part.newMode === undefined ? (before?.mode ?? 0o644) : modeOf(part.newMode);
  const entry = fileEntry(Buffer.from(next), executable & 0o777, before?.uid, before?.gid);
  return [...edits, putFile(at(names.next), nameOf(names.next), entry, entry.hash ?? "")];
}

function parsed(patch: string): readonly StructuredPatch[] {
  if (/^GIT binary patch$/m.test(patch)) throw new EngineError(refusal("a patch of binary files"));
  try {
    const parts = parsePatch(withPrefixes(patch)).filter(
      (part) => part.hunks.length > 0 || part.isGit === true,
    );
    if (parts.length === 0 && patch.trim() !== "") throw new Error("no valid patches in input");
    return parts;
  } catch (error) {
    throw notApplied((error as Error).message);
  }
}

/** The patch of two folders names a file that is new or gone by the one side only; read are `a/` and `b/`. */
function withPrefixes(patch: string): string {
  return patch.replace(/^diff --git ("?)[ab]\/(.*)\1 \1[ab]\/\2\1$/gm, "diff --git $1a/$2$1 $1b/$2$1");
}

/** Without `a/` and `b/`; undefined for a side that is not there. */
function namesOf(part: StructuredPatch): Names {
  const clean = (name: string | undefined) => {
    if (name === undefined || name === "/dev/null") return undefined;
    const bare = name.replace(/^[^/]*\//, "");
    if (bare.split("/").includes("..") || bare.startsWith("/")) throw notApplied(`invalid path '${bare}'`);
    return bare;
  };
  if (part.oldFileName === undefined && part.newFileName === undefined)
    throw notApplied("the name of a file cannot be told from the patch");
  return {
    old: part.isCreate === true ? undefined : clean(part.oldFileName),
    next: part.isDelete === true ? undefined : clean(part.newFileName),
  };
}

async function isThere(view: View, path: string): Promise<boolean> {
  return (await view.stat(path, { follow: false })) !== undefined;
}

async function text(view: View, path: string): Promise<string> {
  const bytes = await view.read(path);
  const read = bytes.toString();
  if (!Buffer.from(read).equals(bytes))
    throw new EngineError(refusal(`a patch of ${path}, which is no text,`));
  return read;
}

function modeOf(mode: string): number {
  return Number.parseInt(mode.slice(-3), 8);
}

function notApplied(why: string): EngineError {
  return new EngineError(`git apply: exit status 1: ${why}`);
}
