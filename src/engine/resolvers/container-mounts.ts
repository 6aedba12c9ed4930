import { hashOf } from "../../model/canonical-json.ts";
import { ownerIn } from "../container/places.ts";
import type { ContainerState, Mount } from "../container/state.ts";
import { change } from "../files/edits.ts";
import { selected } from "../files/folders.ts";
import { absolute } from "../files/paths.ts";
import type { Session } from "../session.ts";
import type { Folder } from "../states.ts";
import { changes, reads, pathOf } from "./container-fields.ts";
import type { Given, Resolvers } from "./resolver.ts";

/** What is mounted into a container. */
export const mounts: Resolvers<"Container"> = {
  mounts: reads((state) => state.mounts.map((mount) => mount.target)),
  withMountedDirectory: changes("withMountedDirectory", async (state, given, session) => {
    const folder = await session.values.load("Directory", String(given.source)).state();
    const owner = await ownerIn(session, state, String(given.owner));
    const source = await mountable(session, folder, owner);
    return withMount(state, {
      kind: "contents",
      target: targetOf(state, given),
      ...source,
      readOnly: given.readOnly === true,
    });
  }),
  withMountedFile: changes("withMountedFile", async (state, given, session) => {
    const file = await session.values.load("File", String(given.source)).state();
    const owner = await ownerIn(session, state, String(given.owner));
    const { contents, path } = file;
    const owned =
      owner === undefined ? contents : await session.files.edit(contents, change(path, "owner", owner));
    return withMount(state, {
      kind: "contents",
      target: targetOf(state, given),
      contents: owned,
      path,
      readOnly: false,
    });
  }),
  withMountedCache: changes("withMountedCache", async (state, given, session) => {
    const volume = await session.values.load("CacheVolume", String(given.cache)).state();
    const source =
      given.source == null ? volume.source : session.values.load("Directory", String(given.source));
    const folder = source === undefined ? null : await source.state();
    const filled = folder === null ? null : await selected(session.files, folder);
    const owner = String(given.owner) || volume.owner || null;
    // Owner and source are part of what a volume is.
    const name =
      owner === null && filled === null
        ? volume.name
        : `${volume.name}#${hashOf([owner, filled?.key ?? null]).slice(7, 23)}`;
    const sharing = (given.sharing as "SHARED" | "PRIVATE" | "LOCKED" | null | undefined) ?? "SHARED";
    return withMount(state, {
      kind: "cache",
      target: targetOf(state, given),
      volume: name,
      sharing,
      source: filled,
      owner,
    });
  }),
  withMountedTemp: changes("withMountedTemp", (state, given) =>
    withMount(state, {
      kind: "temporary",
      target: targetOf(state, given),
      sizeBytes: (given.size as number | undefined) ?? null,
    }),
  ),
  withMountedSecret: changes("withMountedSecret", (state, given, session) => {
    const secret = session.values.load("Secret", String(given.source));
    const owner = String(given.owner) || null;
    return withMount(state, {
      kind: "secret",
      target: targetOf(state, given),
      secret,
      owner,
      mode: Number(given.mode) & 0o777,
    });
  }),
  withoutMount: changes("withoutMount", (state, given) => {
    const target = targetOf(state, given);
    return { ...state, mounts: state.mounts.filter((mount) => mount.target !== target) };
  }),
};

function targetOf(state: ContainerState, given: Given): string {
  return absolute(pathOf(state, given));
}

/** A folder as it is mounted: by its content alone where that is known, else as a part of its filesystem. */
async function mountable(
  session: Session,
  folder: Folder,
  owner: { uid: number; gid: number } | undefined,
): Promise<Folder> {
  const contents = folder.contents.kind === "tree" ? await selected(session.files, folder) : folder.contents;
  const path = folder.contents.kind === "tree" ? "/" : folder.path;
  if (owner === undefined) return { contents, path };
  return { contents: await session.files.edit(contents, change(path, "owner", owner)), path };
}

const withMount = (state: ContainerState, mount: Mount): ContainerState => ({
  ...state,
  mounts: [...state.mounts.filter((other) => other.target !== mount.target), mount],
});
