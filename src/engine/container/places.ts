import type { View } from "../../host/layers/layers.ts";
import { EngineError } from "../errors.ts";
import type { Contents, Edit } from "../files/contents.ts";
import { absolute, isWithin, relative } from "../files/paths.ts";
import type { Session } from "../session.ts";
import { refusal } from "../validation.ts";
import type { ContainerState, Mount } from "./state.ts";

/** The filesystem in which a path of a container is: the root's, or that of the mount over it. */
export interface Place {
  readonly mount: Extract<Mount, { kind: "contents" }> | null;
  readonly contents: Contents;
  /** The path in `contents`. */
  readonly path: string;
}

export function placeOf(state: ContainerState, path: string): Place {
  if (state.postgres !== null) throw new EngineError(refusal(`the filesystem of ${state.postgres}`));
  const at = absolute(path, state.workdir || "/");
  const mount = state.mounts.filter((candidate) => isWithin(at, candidate.target)).at(-1);
  if (mount === undefined) return { mount: null, contents: state.rootfs, path: at };
  if (mount.kind !== "contents")
    throw new EngineError(`${path}: cannot retrieve path from ${kinds[mount.kind]}`);
  const inside = absolute(relative(at.slice(mount.target.length)), mount.path);
  return { mount, contents: mount.contents, path: inside };
}

const kinds = { cache: "cache", temporary: "tmpfs", secret: "secret" } as const;

/** The container with an edit made where `path` is; `edit` gets the path as that filesystem has it. */
export async function editAt(
  session: Session,
  state: ContainerState,
  path: string,
  edit: (inside: string) => Edit | Promise<Edit>,
): Promise<ContainerState> {
  const place = placeOf(state, path);
  const trailing = path.endsWith("/") && place.path !== "/" ? "/" : "";
  const contents = await session.files.edit(place.contents, await edit(place.path + trailing));
  if (place.mount === null) return { ...state, rootfs: contents };
  const changed = { ...place.mount, contents };
  return { ...state, mounts: state.mounts.map((mount) => (mount === place.mount ? changed : mount)) };
}

/** uid and gid of `name`, `name:group` or numbers, as the container's own user database has them. */
export async function ownerIn(
  session: Session,
  state: ContainerState,
  owner: string,
): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (owner === "") return undefined;
  const numeric = numericOwner(owner);
  if (numeric !== undefined) return numeric;
  const view = await session.files.view(state.rootfs);
  // Nobody told a script's image its users: the name is taken to be that of an ordinary one.
  const { rootfs } = state;
  if (rootfs.kind === "tree" && rootfs.isScripted && !rootfs.entries.has("etc/passwd"))
    return { uid: 1000, gid: 1000 };
  const [user = "", group] = owner.split(":");
  const entry = /^\d+$/.test(user) ? [user, "", user, user] : await lineOf(view, "/etc/passwd", user);
  if (entry === undefined)
    throw new EngineError(`failed to resolve ownership for ${owner}: find uid: no such user: ${user}`);
  if (group === undefined) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  const groupEntry = /^\d+$/.test(group) ? [group, "", group] : await lineOf(view, "/etc/group", group);
  if (groupEntry === undefined)
    throw new EngineError(`failed to resolve ownership for ${owner}: find gid: no such group: ${group}`);
  return { uid: Number(entry[2]), gid: Number(groupEntry[2]) };
}

/** `1000` is 1000:1000; undefined where there is a name in it. */
export function numericOwner(owner: string): { readonly uid: number; readonly gid: number } | undefined {
  const match = /^(\d+)(?::(\d+))?$/.exec(owner);
  return match === null ? undefined : { uid: Number(match[1]), gid: Number(match[2] ?? match[1]) };
}

async function lineOf(view: View, file: string, name: string): Promise<string[] | undefined> {
  if ((await view.stat(file))?.type !== "file") return undefined;
  const lines = (await view.read(file)).toString().split("\n");
  return lines.map((line) => line.split(":")).find(([first]) => first === name);
}

/** The container with an edit made to its root filesystem. */
export async function editPlain(
  session: Session,
  state: ContainerState,
  edit: Edit,
): Promise<ContainerState> {
  return { ...state, rootfs: await session.files.edit(state.rootfs, edit) };
}
