import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { chown, readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { failure } from "../../model/errors.ts";

/** Whom PostgreSQL runs as: it refuses to be root. */
export interface PostgresUser {
  readonly uid?: number;
  readonly gid?: number;
  /** Put before the program and its arguments. */
  readonly prefix: readonly string[];
  /** Gives a directory of its own to it. */
  own(directory: string): Promise<void>;
}

const nobody = 65_534;

/**
 * An ordinary user is itself. Root becomes uid 65534; where that one may not enter a directory (a project below
 * /root), root stays who it is, and is told another number in a user namespace.
 * @throws FairwayError POSTGRES_UNREACHABLE
 */
export function postgresUser(paths: readonly string[]): PostgresUser {
  if (process.getuid?.() !== 0) return { prefix: [], own: () => Promise.resolve() };
  const closed = paths.map(firstClosed).find((path) => path !== undefined);
  if (closed === undefined)
    return { uid: nobody, gid: nobody, prefix: [], own: (directory) => chownTree(directory, nobody) };
  const prefix = ["unshare", "--user", `--map-user=${String(nobody)}`, `--map-group=${String(nobody)}`, "--"];
  if (works([...prefix, "true"])) return { prefix, own: (directory) => chownTree(directory, 0) };
  throw failure(`PostgreSQL cannot run as root, and uid ${String(nobody)} may not enter ${closed}`, {
    code: "POSTGRES_UNREACHABLE",
    place: closed,
    remedy:
      "move the project (and the cache: FAIRWAY_CACHE_DIR) to where other users may enter, or run Fairway as an ordinary user",
  });
}

/** The first directory on the way that uid 65534 may not enter. */
function firstClosed(path: string): string | undefined {
  const way: string[] = [];
  for (let at = dirname(resolve(path)); ; at = dirname(at)) {
    way.unshift(at);
    if (at === dirname(at)) break;
  }
  return way.find((directory) => {
    const found = statSync(directory, { throwIfNoEntry: false });
    if (found === undefined) return false;
    const bit = found.uid === nobody ? 0o100 : found.gid === nobody ? 0o010 : 0o001;
    return (found.mode & bit) === 0;
  });
}

async function chownTree(directory: string, id: number): Promise<void> {
  if ((await stat(directory)).uid === id) return;
  for (const name of await readdir(directory, { recursive: true }))
    await chown(join(directory, name), id, id);
  // Last: the mark that all of it is done.
  await chown(directory, id, id);
}

function works([command = "", ...args]: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
