import { editAt, ownerIn, placeOf } from "../container/places.ts";
import type { ContainerState } from "../container/state.ts";
import { EngineError, missingPath } from "../errors.ts";
import { putFile, putLink, putTree, remove } from "../files/edits.ts";
import { fileEntryOf, selected } from "../files/folders.ts";
import { exists, stat } from "../files/looks.ts";
import { nameOf } from "../files/paths.ts";
import { fileEntry, sought } from "../files/tree.ts";
import type { Session } from "../session.ts";
import type { Folder } from "../states.ts";
import { changes, reads, pathOf } from "./container-fields.ts";
import { derived, plain, type Given, type Resolvers } from "./resolver.ts";

/** Files of a container, read and changed. */
export const filesystem: Resolvers<"Container"> = {
  rootfs: (self, given, session) =>
    derived(session, self, "Directory", "rootfs", given, (state) => ({ contents: state.rootfs, path: "/" })),
  withRootfs: changes("withRootfs", async (state, given, session) => {
    const folder = await session.values.load("Directory", String(given.directory)).state();
    const contents = folder.path === "/" ? folder.contents : await selected(session.files, folder);
    return { ...state, rootfs: contents, imageRef: null };
  }),
  directory: (self, given, session) =>
    derived(session, self, "Directory", "directory", given, async (state) => {
      const folder = folderAt(state, given);
      const entry = await sought(await session.files.view(folder.contents), folder.path, "directory");
      const asked = pathOf(state, given);
      if (entry === undefined) throw missingPath(asked);
      if (entry.type !== "directory") throw new EngineError(`path ${asked} is a file, not a directory`);
      return folder;
    }),
  file: (self, given, session) =>
    derived(session, self, "File", "file", given, async (state) => {
      const folder = folderAt(state, given);
      const entry = await sought(await session.files.view(folder.contents), folder.path, "file");
      const asked = pathOf(state, given);
      if (entry === undefined) throw missingPath(asked);
      if (entry.type === "directory") throw new EngineError(`path ${asked} is a directory, not a file`);
      return { ...folder, name: nameOf(folder.path) };
    }),
  exists: reads(async (state, given, session) => {
    const { contents, path } = folderAt(state, given);
    return exists(await session.files.view(contents), path, given);
  }),
  stat: reads(async (state, given, session) => {
    const { contents, path } = folderAt(state, given);
    return plain(
      session,
      "Stat",
      await stat(await session.files.view(contents), path, given.doNotFollowSymlinks !== true),
    );
  }),

  withDirectory: changes("withDirectory", async (state, given, session) => {
    const source = await session.values.load("Directory", String(given.source)).state();
    const [tree, owner] = await Promise.all([
      selected(session.files, source, given),
      ownerIn(session, state, String(given.owner)),
    ]);
    const permissions = (given.permissions as number | null | undefined) ?? undefined;
    return editAt(session, state, pathOf(state, given), (path) =>
      putTree(path, tree, { owner, permissions }),
    );
  }),
  withFile: changes("withFile", async (state, given, session) =>
    withFile(session, state, given, pathOf(state, given), String(given.source)),
  ),
  withFiles: changes("withFiles", async (state, given, session) => {
    const path = pathOf(state, given).replace(/\/?$/, "/");
    let next = state;
    for (const id of given.sources as string[]) next = await withFile(session, next, given, path, id);
    return next;
  }),
  withNewFile: changes("withNewFile", async (state, given, session) => {
    if (given.path === "") throw new EngineError("failed to create new file : open /: is a directory");
    const owner = await ownerIn(session, state, String(given.owner));
    const bytes = Buffer.from(String(given.contents));
    const entry = fileEntry(bytes, Number(given.permissions) & 0o777, owner?.uid, owner?.gid);
    const at = pathOf(state, given).replace(/(.)\/$/, "$1");
    return editAt(session, state, at, (path) => putFile(path, nameOf(at), entry, entry.hash ?? ""));
  }),
  withSymlink: changes("withSymlink", (state, given, session) =>
    editAt(session, state, pathOf(state, given, "linkName"), (path) => putLink(path, String(given.target))),
  ),
  withoutDirectory: changes("withoutDirectory", (state, given, session) =>
    editAt(session, state, pathOf(state, given), remove),
  ),
  withoutFile: changes("withoutFile", (state, given, session) =>
    editAt(session, state, pathOf(state, given), remove),
  ),
  withoutFiles: changes("withoutFiles", async (state, given, session) => {
    let next = state;
    for (const path of given.paths as string[])
      next = await editAt(session, next, pathOf(state, { ...given, path }), remove);
    return next;
  }),
};

async function withFile(
  session: Session,
  state: ContainerState,
  given: Given,
  path: string,
  id: string,
): Promise<ContainerState> {
  const file = await session.values.load("File", id).state();
  const [{ entry, key }, owner] = await Promise.all([
    fileEntryOf(session.files, file),
    ownerIn(session, state, String(given.owner)),
  ]);
  const permissions = (given.permissions as number | null | undefined) ?? undefined;
  return editAt(session, state, path, (inside) =>
    putFile(inside, file.name, entry, key, { owner, permissions }),
  );
}

function folderAt(state: ContainerState, given: Given): Folder {
  const { contents, path } = placeOf(state, pathOf(state, given));
  return { contents, path };
}
