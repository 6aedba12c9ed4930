import { hashOf } from "../../model/canonical-json.ts";
import { access, chmod, chown, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { takeLock } from "../../host/processes/processes.ts";
import { viewOf } from "../../host/layers/layers.ts";
import { removeTree } from "../../host/layers/remove.ts";
import { copyInto } from "../files/canvas.ts";
import { LayerCanvas } from "../files/layer-canvas.ts";
import { selected } from "../files/folders.ts";
import type { Session } from "../session.ts";
import { ownerIn } from "./places.ts";
import type { ContainerState, Mount } from "./state.ts";

type CacheMount = Extract<Mount, { kind: "cache" }>;

/** The directory of a cache volume, filled from its source and given to its owner when it is new. */
export async function volumeDirectory(
  session: Session,
  state: ContainerState,
  mount: CacheMount,
): Promise<string> {
  const path = await session.store.cacheVolume(mount.volume);
  if (mount.source === null && mount.owner === null) return path;
  const lock = await locked(session, `${mount.volume} made`);
  try {
    const unfinished = join(locksOf(session), `${nameOf(mount.volume)}.unfinished`);
    // Whoever filled it was killed: half a source is not the source.
    if (await isThere(unfinished)) for (const name of await readdir(path)) await removeTree(join(path, name));
    const isNew = (await readdir(path)).length === 0;
    if (isNew) await writeFile(unfinished, "");
    const owner = mount.owner === null ? undefined : await ownerIn(session, state, mount.owner);
    if (isNew && owner !== undefined && process.getuid?.() === 0) await chown(path, owner.uid, owner.gid);
    if (isNew && mount.source !== null) {
      const tree = await selected(session.files, { contents: mount.source, path: "/" });
      const draft = { path, setOwner: () => undefined, remove: never, setOpaque: never };
      await copyInto(
        new LayerCanvas(draft, viewOf([]), "/nothing/is/linked"),
        "/",
        new Map([...tree.entries].filter(([name]) => name !== "")),
      );
    }
    await chmod(path, 0o755);
    await rm(unfinished, { force: true });
  } finally {
    lock.release();
  }
  return path;
}

function never(): Promise<void> {
  return Promise.reject(new Error("a new volume has nothing below it"));
}

/** Holds the volumes that only one step may use at a time, in all processes; always in the order of their names. */
export async function holdVolumes(session: Session, mounts: readonly CacheMount[]): Promise<Disposable> {
  const names = [
    ...new Set(mounts.filter((mount) => mount.sharing !== "SHARED").map((mount) => mount.volume)),
  ].sort();
  const locks: { release(): void }[] = [];
  const release = () => {
    for (const lock of locks) lock.release();
  };
  try {
    for (const name of names) locks.push(await locked(session, name));
  } catch (error) {
    release();
    throw error;
  }
  return { [Symbol.dispose]: release };
}

async function locked(session: Session, name: string): Promise<{ release(): void }> {
  await mkdir(locksOf(session), { recursive: true });
  const file = join(locksOf(session), `${nameOf(name)}.lock`);
  for (let wait = 5; ; wait = Math.min(wait * 2, 200)) {
    const lock = takeLock(file);
    if (lock !== undefined) return lock;
    await sleep(wait, undefined, { signal: session.signal });
  }
}

function locksOf(session: Session): string {
  return join(session.store.root, "volume-locks");
}

function nameOf(volume: string): string {
  return hashOf(volume).slice("sha256:".length, 40);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
