import { lstat, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EngineError } from "../errors.ts";
import { exportFolder } from "../files/export.ts";
import type { Session } from "../session.ts";
import type { ChangesetState } from "../states.ts";
import { changedPaths, layerOf, sidesOf } from "./changeset.ts";

/** Makes the changes in a folder of the host: writes what was added and modified, removes what was removed. */
export async function exportChanges(
  session: Session,
  changeset: ChangesetState,
  path: string,
): Promise<string> {
  const { removed } = changedPaths(await sidesOf(session.files, changeset));
  const target = await exportFolder(session, await layerOf(session.files, changeset), path, false);
  for (const name of removed) {
    await refuseLinks(target, name.replace(/\/$/, ""));
    await rm(join(target, name), { recursive: true, force: true });
  }
  return target;
}

/** A folder that is a link on the host leads out of what was asked for. */
async function refuseLinks(target: string, name: string): Promise<void> {
  for (let at = dirname(name); at !== "."; at = dirname(at)) {
    const status = await lstat(join(target, at)).catch(() => undefined);
    if (status?.isSymbolicLink() === true)
      throw new EngineError(`${join(target, name)} is not removed: ${join(target, at)} is a link`);
  }
}
