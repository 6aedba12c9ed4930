import { EngineError } from "../errors.ts";
import { fileDigest } from "../files/compare.ts";
import { envFileOf } from "../env-file/env-file.ts";
import { change, putFile } from "../files/edits.ts";
import { fileEntryOf, readFile } from "../files/folders.ts";
import { nameOf } from "../files/paths.ts";
import { replaced } from "../files/replace.ts";
import { fileEntry } from "../files/tree.ts";
import { parseJson } from "../json-text.ts";
import { searchFile } from "../search/search.ts";
import { numericOwner } from "../container/places.ts";
import type { Session } from "../session.ts";
import type { FileState } from "../states.ts";
import { derived, plain, type Given, type Resolver, type Resolvers } from "./resolver.ts";

function reads(read: (file: FileState, given: Given, session: Session) => unknown): Resolver<"File"> {
  return async (self, given, session) => read(await self.state(), given, session);
}

export const file: Resolvers<"File"> = {
  sync: async (self) => {
    await self.state();
    return self.id;
  },
  name: reads((state) => state.name),
  size: reads(async (state, _given, session) => (await fileEntryOf(session.files, state)).entry.sizeBytes),
  contents: reads(async (state, given, session) => {
    const text = (await readFile(session.files, state)).toString();
    if (given.offsetLines == null && given.limitLines == null) return text;
    const lines = text.split(/(?<=\n)/);
    const from = Number(given.offsetLines ?? 0);
    return lines.slice(from, given.limitLines == null ? undefined : from + Number(given.limitLines)).join("");
  }),
  digest: reads((state, given, session) => fileDigest(session.files, state, given.excludeMetadata !== true)),
  stat: reads(async (state, _given, session) => {
    const { entry } = await fileEntryOf(session.files, state);
    return plain(session, "Stat", {
      name: state.name,
      fileType: "REGULAR",
      permissions: entry.mode & 0o777,
      size: entry.sizeBytes,
    });
  }),
  search: reads(async (state, given, session) => {
    const bytes = await readFile(session.files, state);
    const found = await searchFile(state.name, bytes, given as never, session);
    return found.map((result) => plain(session, "SearchResult", result));
  }),
  asEnvFile: (self, given, session) =>
    derived(session, self, "EnvFile", "asEnvFile", given, async (state) =>
      envFileOf((await readFile(session.files, state)).toString()),
    ),
  asJSON: (self, given, session) =>
    derived(session, self, "JSONValue", "asJSON", given, async (state) => {
      const text = (await readFile(session.files, state)).toString();
      parseJson(text);
      return { text };
    }),
  withReplaced: (self, given, session) =>
    derived(session, self, "File", "withReplaced", given, async (state) => {
      const { entry } = await fileEntryOf(session.files, state);
      const bytes = replaced(await readFile(session.files, state), given as never);
      const { mode, uid, gid } = entry;
      const next = fileEntry(bytes, mode, uid, gid);
      const edit = putFile(state.path, nameOf(state.path), next, next.hash ?? "");
      return { ...state, contents: await session.files.edit(state.contents, edit) };
    }),
  withName: (self, given, session) => {
    const name = String(given.name);
    if (name.includes("/"))
      throw new EngineError(`file name ${JSON.stringify(name)} must not contain a directory`);
    return derived(session, self, "File", "withName", given, (state) => ({ ...state, name }));
  },
  withTimestamps: (self, given, session) =>
    derived(session, self, "File", "withTimestamps", given, async (state) => {
      const edit = change(state.path, "times", {
        modifiedAtMs: Number(given.timestamp) * 1000,
        stamped: true,
      });
      return { ...state, contents: await session.files.edit(state.contents, edit) };
    }),
  chown: (self, given, session) =>
    derived(session, self, "File", "chown", given, async (state) => {
      const owner = numericOwner(String(given.owner));
      if (owner === undefined)
        throw new EngineError(
          `failed to parse owner ${JSON.stringify(given.owner)}: a file knows only numeric owners`,
        );
      return {
        ...state,
        contents: await session.files.edit(state.contents, change(state.path, "owner", owner)),
      };
    }),
  export: reads((state, given, session) =>
    session.execution.exportFile(state, String(given.path), given.allowParentDirPath === true),
  ),
};
