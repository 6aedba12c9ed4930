import { ownerIn, editPlain } from "../container/places.ts";
import type { ContainerState } from "../container/state.ts";
import { EngineError } from "../errors.ts";
import { copyInto, makeParents, resolve, withOptions } from "../files/canvas.ts";
import type { Contents, Edit } from "../files/contents.ts";
import { selected } from "../files/folders.ts";
import { absolute, nameOf, relative } from "../files/paths.ts";
import { globber, isPattern } from "../files/patterns.ts";
import type { Tree } from "../files/tree.ts";
import { entryOf, fileEntry, type TreeEntry } from "../files/tree.ts";
import { unpackedTree, unsupportedArchive } from "./archives.ts";
import { refused, unsupported } from "./faults.ts";
import type { Step } from "./step.ts";
import { expandText } from "./words.ts";
import { valueOf } from "../container/state.ts";

/** A source of COPY: a file under its name, or the contents of a folder. */
type Source =
  | { readonly kind: "file"; readonly name: string; readonly entry: TreeEntry; readonly key: string }
  | { readonly kind: "folder"; readonly tree: Tree };

/** COPY, and ADD of local files. */
export async function copy(step: Step): Promise<ContainerState> {
  const { build, container, instruction } = step;
  const flags = flagsOf(step);
  const words = [...step.words()];
  const target = words.pop();
  if (target === undefined || words.length === 0)
    throw new EngineError(`${instruction.keyword} requires at least two arguments`);
  const from =
    flags.from === undefined
      ? build.context
      : (await build.source(flags.from, step.stage, instruction)).rootfs;
  const sources = (await Promise.all(words.map((word) => sourcesAt(step, from, word, flags.exclude)))).flat();
  const owner =
    flags.chown === undefined ? { uid: 0, gid: 0 } : await ownerIn(build.session, container, flags.chown);
  const intoFolder = target.endsWith("/") || target === "." || target.endsWith("/.") || sources.length > 1;
  const path = absolute(target, container.workdir || "/");
  const options = { owner, permissions: flags.chmod };
  const edit: Edit = {
    key: [
      "copy",
      path,
      intoFolder,
      options,
      sources.map((source) =>
        source.kind === "file" ? [source.name, source.key, source.entry.mode] : [source.tree.key],
      ),
    ],
    times: sources.map((source) => (source.kind === "file" ? source.entry.modifiedAtMs : source.tree.times)),
    apply: async (canvas) => {
      const at = await resolve(canvas, path, { last: true });
      for (const source of sources) {
        if (source.kind === "folder") {
          await copyInto(canvas, at, source.tree.entries, options);
          continue;
        }
        const isFolder = intoFolder || (await canvas.lstat(at))?.type === "directory";
        const file = isFolder ? absolute(source.name, at) : at;
        await makeParents(canvas, file);
        await canvas.put(file, withOptions(source.entry, options));
      }
    },
  };
  return editPlain(build.session, container, edit);
}

function flagsOf(step: Step) {
  const { flags } = step.instruction;
  const flag = (name: string) => flags.find((other) => other.name === name)?.value;
  const chmod = flag("chmod");
  const [from, chown] = [flag("from"), flag("chown")];
  return {
    from: from === undefined ? undefined : step.expanded(from),
    chown: chown === undefined ? undefined : step.expanded(chown),
    chmod: chmod === undefined ? undefined : Number.parseInt(chmod, 8),
    exclude: flags.filter(({ name }) => name === "exclude").map(({ value }) => value),
  };
}

async function sourcesAt(
  step: Step,
  from: Contents,
  word: string,
  exclude: readonly string[],
): Promise<readonly Source[]> {
  const { instruction, build, container } = step;
  const heredoc = instruction.heredocs.find(({ name }) => new RegExp(`^<<-?["']?${name}["']?$`).test(word));
  if (heredoc !== undefined) {
    const text = heredoc.expands
      ? expandText(heredoc.content, (name) => valueOf(container.env, name), build.escape)
      : heredoc.content;
    const entry = fileEntry(Buffer.from(text), 0o644);
    return [{ kind: "file", name: heredoc.name, entry, key: entry.hash ?? "" }];
  }
  const { files } = build.session;
  const view = await files.view(from);
  const paths = isPattern(word)
    ? await matching(from, word, (contents) => files.view(contents))
    : [absolute(word)];
  const found = await Promise.all(
    paths.map(async (path): Promise<Source | undefined> => {
      const entry = await view.stat(path);
      if (entry === undefined) return undefined;
      if (entry.type === "directory") {
        const tree = await selected(files, { contents: from, path }, { exclude });
        // The folder's own attributes are not copied: only what is in it.
        return { kind: "folder", tree };
      }
      const file = entryOf(entry);
      if (file === undefined) throw new EngineError(`${path} is neither a file nor a folder`);
      const archive = instruction.keyword === "ADD" ? await unpacked(step, await view.read(path)) : undefined;
      if (archive !== undefined) return { kind: "folder", tree: archive };
      const key = file.hash ?? `${from.key}:${path}`;
      return { kind: "file", name: nameOf(path), entry: file, key };
    }),
  );
  const sources = found.filter((source) => source !== undefined);
  if (sources.length === 0)
    throw new EngineError(`failed to calculate checksum: "${absolute(word)}": not found`);
  return sources;
}

function unpacked({ build, instruction: { place } }: Step, bytes: Buffer): Promise<Tree | undefined> {
  const archive = unsupportedArchive(bytes);
  if (archive === undefined) return unpackedTree(bytes);
  throw refused(build.file, [{ place, ...unsupported(`ADD of ${archive}`) }]);
}

async function matching(
  contents: Contents,
  pattern: string,
  viewOf: (contents: Contents) => Promise<{ walk(path: string): AsyncIterable<{ readonly path: string }> }>,
): Promise<readonly string[]> {
  const matches = globber(relative(absolute(pattern)));
  const found: string[] = [];
  for await (const { path } of (await viewOf(contents)).walk("/")) if (matches(path)) found.push(`/${path}`);
  return found;
}
