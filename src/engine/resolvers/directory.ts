import { editsOfPatch } from "../changeset/apply-patch.ts";
import { editsFor } from "../changeset/changeset.ts";
import { EngineError } from "../errors.ts";
import { dockerBuild } from "../docker-build/docker-build.ts";
import { change, makeFolder, putFile, putLink, putNewFile, putTree, remove } from "../files/edits.ts";
import { difference, digestOf } from "../files/compare.ts";
import { fileEntryOf, fileIn, readFile, selected, subfolder } from "../files/folders.ts";
import { exists, stat } from "../files/looks.ts";
import { absolute, nameOf, parentOf, relative } from "../files/paths.ts";
import { globber } from "../files/patterns.ts";
import { fileEntry, sortedPaths } from "../files/tree.ts";
import type { Edit } from "../files/contents.ts";
import { searchFolder } from "../search/search.ts";
import { localRepository } from "../git/local.ts";
import { numericOwner } from "../container/places.ts";
import type { Session } from "../session.ts";
import type { Folder } from "../states.ts";
import type { Value } from "../values.ts";
import { derived, plain, type Given, type Resolver, type Resolvers } from "./resolver.ts";

function reads(read: (folder: Folder, given: Given, session: Session) => unknown): Resolver<"Directory"> {
  return async (self, given, session) => read(await self.state(), given, session);
}

/** A field that answers the directory with edits made; they get paths of the whole filesystem. */
function edits(
  operation: string,
  edit: (folder: Folder, given: Given, session: Session) => Promise<readonly Edit[]> | readonly Edit[],
): Resolver<"Directory"> {
  return (self, given, session) =>
    derived(
      session,
      self,
      "Directory",
      operation,
      given,
      async (folder) => {
        let { contents } = folder;
        for (const next of await edit(folder, given, session))
          contents = await session.files.edit(contents, next);
        return { contents, path: folder.path };
      },
      inputsOf(session, given),
    );
}

function inputsOf(session: Session, given: Given): Value[] {
  const ids = [
    ...(typeof given.source === "string" ? [given.source] : []),
    ...((given.sources as string[] | undefined) ?? []),
  ];
  return ids.map((id) => session.values.find(id));
}

function inside(folder: Folder, path: string): string {
  const at = absolute(path.replace(/^\/+/, ""), folder.path);
  return at + (path.endsWith("/") && at !== "/" ? "/" : "");
}

function ownerOf(owner: string | undefined): { uid: number; gid: number } | undefined {
  if (owner === undefined || owner === "") return undefined;
  const numbers = numericOwner(owner);
  if (numbers === undefined)
    throw new EngineError(
      `failed to parse owner ${JSON.stringify(owner)}: a directory knows only numeric owners`,
    );
  return numbers;
}

const numberOf = (value: unknown) => (value as number | null | undefined) ?? undefined;

const making: Resolvers<"Directory"> = {
  withNewFile: edits("withNewFile", (folder, given) => {
    const path = inside(folder, String(given.path)).replace(/(.)\/$/, "$1");
    if (path === folder.path) throw new EngineError(`open ${path}: is a directory`);
    const entry = fileEntry(Buffer.from(String(given.contents)), Number(given.permissions) & 0o777);
    return [putNewFile(path, entry, entry.hash ?? "")];
  }),
  withNewDirectory: edits("withNewDirectory", (folder, given) => [
    makeFolder(inside(folder, String(given.path)), Number(given.permissions) & 0o777),
  ]),
  withFile: edits("withFile", async (folder, given, session) => [
    await copyOf(session, given, inside(folder, String(given.path)), String(given.source)),
  ]),
  withFiles: edits("withFiles", (folder, given, session) => {
    const path = inside(folder, String(given.path)).replace(/\/?$/, "/");
    return Promise.all((given.sources as string[]).map((id) => copyOf(session, given, path, id)));
  }),
  withDirectory: edits("withDirectory", async (folder, given, session) => {
    const source = await session.values.load("Directory", String(given.source)).state();
    const tree = await selected(session.files, source, given);
    return [
      putTree(inside(folder, String(given.path)), tree, {
        owner: ownerOf(given.owner as string | undefined),
        permissions: numberOf(given.permissions),
      }),
    ];
  }),
  withSymlink: edits("withSymlink", (folder, given) => [
    putLink(inside(folder, String(given.linkName)), String(given.target)),
  ]),
  withoutDirectory: edits("withoutDirectory", (folder, given) => [
    remove(inside(folder, String(given.path))),
  ]),
  withoutFile: edits("withoutFile", (folder, given) => [remove(inside(folder, String(given.path)))]),
  withoutFiles: edits("withoutFiles", (folder, given) =>
    (given.paths as string[]).map((path) => remove(inside(folder, path))),
  ),
  withTimestamps: edits("withTimestamps", (folder, given) => [
    change(folder.path, "times", { modifiedAtMs: Number(given.timestamp) * 1000, stamped: true }),
  ]),
  chown: edits("chown", (folder, given) => [
    change(inside(folder, String(given.path)), "owner", ownerOf(given.owner as string | undefined) ?? {}),
  ]),
  withError: edits("withError", (_folder, given) => {
    throw new EngineError(String(given.err));
  }),
  filter: (self, given, session) =>
    derived(session, self, "Directory", "filter", given, async (folder) => ({
      contents: await selected(session.files, folder, given),
      path: "/",
    })),
  diff: (self, given, session) => {
    const other = session.values.load("Directory", String(given.other));
    const make = async (folder: Folder) => ({
      contents: await difference(session.files, folder, await other.state()),
      path: "/",
    });
    return derived(session, self, "Directory", "diff", given, make, [other as never]);
  },
  changes: (self, given, session) => {
    const from = session.values.load("Directory", String(given.from));
    const make = async (after: Folder) => ({ before: await from.state(), after });
    return derived(session, self, "Changeset", "changes", given, make, [from as never]);
  },
  withChanges: edits("withChanges", async (folder, given, session) => {
    const changeset = await session.values.load("Changeset", String(given.changes)).state();
    return editsFor(session.files, changeset, folder.path);
  }),
  withPatch: edits("withPatch", async (folder, given, session) =>
    editsOfPatch(await session.files.view(folder.contents), folder.path, String(given.patch)),
  ),
  withPatchFile: edits("withPatchFile", async (folder, given, session) => {
    const file = await session.values.load("File", String(given.patch)).state();
    const patch = (await readFile(session.files, file)).toString();
    return editsOfPatch(await session.files.view(folder.contents), folder.path, patch);
  }),
};

async function copyOf(session: Session, given: Given, path: string, id: string): Promise<Edit> {
  const file = await session.values.load("File", id).state();
  const { entry, key } = await fileEntryOf(session.files, file);
  const owner = ownerOf(given.owner as string | undefined);
  return putFile(path, file.name, entry, key, { owner, permissions: numberOf(given.permissions) });
}

const looking: Resolvers<"Directory"> = {
  sync: async (self, _given, session) => {
    await session.files.view((await self.state()).contents);
    return self.id;
  },
  name: reads((folder) => (folder.path === "/" ? "/" : `${nameOf(folder.path)}/`)),
  digest: reads((folder, _given, session) => digestOf(session.files, folder)),
  entries: reads(async (folder, given, session) => {
    const view = await session.files.view(folder.contents);
    const path =
      given.path == null ? folder.path : inside(folder, String(given.path)).replace(/(.)\/$/, "$1");
    const names = await view.list(path);
    if (names === undefined)
      throw new EngineError(
        (await view.stat(path)) === undefined
          ? `open ${path}: no such file or directory`
          : `open ${path}: not a directory`,
      );
    return Promise.all(
      names.map(async (name) =>
        (await view.stat(absolute(name, path), { follow: false }))?.type === "directory" ? `${name}/` : name,
      ),
    );
  }),
  glob: reads(async (folder, given, session) => {
    const matches = globber(String(given.pattern));
    const found: string[] = [];
    const view = await session.files.view(folder.contents);
    for await (const { path, entry } of view.walk(folder.path)) {
      if (matches(path)) found.push(entry.type === "directory" ? `${path}/` : path);
    }
    return sortedPaths(new Map(found.map((path) => [path, null])));
  }),
  exists: reads(async (folder, given, session) =>
    exists(await session.files.view(folder.contents), inside(folder, String(given.path)), given),
  ),
  stat: reads(async (folder, given, session) => {
    const view = await session.files.view(folder.contents);
    return plain(
      session,
      "Stat",
      await stat(view, inside(folder, String(given.path)), given.doNotFollowSymlinks !== true),
    );
  }),
  search: reads(async (folder, given, session) => {
    const view = await session.files.view(folder.contents);
    const found = await searchFolder(view, folder.path, given as never, session);
    return found.map((result) => plain(session, "SearchResult", result));
  }),
  findUp: reads(async (folder, given, session) => {
    const view = await session.files.view(folder.contents);
    for (let at = inside(folder, String(given.start)).replace(/(.)\/$/, "$1"); ; at = parentOf(at)) {
      const candidate = absolute(String(given.name), at);
      if ((await view.stat(candidate)) !== undefined)
        return relative(candidate.slice(folder.path === "/" ? 0 : folder.path.length));
      if (at === folder.path || at === "/") return null;
    }
  }),
  file: (self, given, session) =>
    derived(session, self, "File", "file", given, (folder) =>
      fileIn(session.files, folder, String(given.path)),
    ),
  directory: (self, given, session) =>
    derived(session, self, "Directory", "directory", given, (folder) =>
      subfolder(session.files, folder, String(given.path)),
    ),
  export: reads((folder, given, session) =>
    session.execution.exportFolder(folder, String(given.path), given.wipe === true),
  ),
  asGit: (self, given, session) =>
    derived(session, self, "GitRepository", "asGit", given, (folder) => localRepository(session, folder)),
  dockerBuild: (self, given, session) => {
    const secrets = (given.secrets as string[]).map((id) => session.values.load("Secret", id));
    return derived(
      session,
      self,
      "Container",
      "dockerBuild",
      given,
      (folder) => dockerBuild(session, folder, given as never, secrets),
      secrets as never,
    );
  },
};

export const directory: Resolvers<"Directory"> = { ...making, ...looking };
