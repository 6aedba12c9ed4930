import { changedPaths, layerOf, sidesOf, type ChangedPaths } from "../changeset/changeset.ts";
import { patchOf } from "../changeset/patch.ts";
import { fileEntry, rootEntry, Tree } from "../files/tree.ts";
import type { Session } from "../session.ts";
import { derived, type Resolver, type Resolvers } from "./resolver.ts";

function reads(read: (paths: ChangedPaths) => unknown): Resolver<"Changeset"> {
  return async (self, _given, session: Session) =>
    read(changedPaths(await sidesOf(session.files, await self.state())));
}

export const changeset: Resolvers<"Changeset"> = {
  sync: async (self) => {
    await self.state();
    return self.id;
  },
  before: (self, given, session) =>
    derived(session, self, "Directory", "before", given, ({ before }) => before),
  after: (self, given, session) => derived(session, self, "Directory", "after", given, ({ after }) => after),
  layer: (self, given, session) =>
    derived(session, self, "Directory", "layer", given, (state) => layerOf(session.files, state)),
  addedPaths: reads(({ added }) => added),
  modifiedPaths: reads(({ modified }) => modified),
  removedPaths: reads(({ removed }) => removed),
  isEmpty: reads(({ added, modified, removed }) => added.length + modified.length + removed.length === 0),
  asPatch: (self, given, session) =>
    derived(session, self, "File", "asPatch", given, async (state) => {
      const bytes = Buffer.from(await patchOf(await sidesOf(session.files, state)));
      const entries = new Map([
        ["", rootEntry],
        [name, fileEntry(bytes, 0o644)],
      ]);
      return { contents: new Tree(entries, null), path: `/${name}`, name };
    }),
  export: async (self, given, session) =>
    session.execution.exportChanges(await self.state(), String(given.path)),
};

/** What the engine calls the file of a patch. */
const name = "diff.patch";
