import { lstatSync, readdirSync, renameSync, rmdirSync, type Stats } from "node:fs";
import { join } from "node:path";
import { addMetadata } from "../layers/metadata.ts";
import { removeTree } from "../layers/remove.ts";
import { isWhiteout, type MergedView } from "../layers/view.ts";
import type { MountPlan } from "./mounts.ts";

/**
 * Makes what a run changed into layers: records which directories are opaque, which only the kernel can read, and
 * joins the parts of the root that were mounted by themselves. The namespace of `init` must still be there.
 */
export async function settleUppers(plan: MountPlan, init: number): Promise<void> {
  for (const { keeps, upper, view, part, target } of plan.overlays) {
    if (keeps === undefined) continue;
    const opaque = opaqueDirectories(upper, view, part, join(`/proc/${String(init)}/root`, target));
    if (opaque.length > 0)
      await addMetadata(keeps.layer, { opaque: opaque.map((path) => join(keeps.at, path)) });
  }
}

/** After the namespace is gone: one tree for each layer, and no working directories. */
export async function joinUppers(plan: MountPlan): Promise<void> {
  for (const { keeps, upper, work } of plan.overlays.toReversed()) {
    if (keeps === undefined) continue;
    await removeTree(work);
    if (keeps.at === "") continue;
    if (readdirSync(upper).length === 0) rmdirSync(upper);
    else renameSync(upper, join(keeps.layer, keeps.at));
  }
}

/**
 * A directory is opaque when the lower one has a name that neither the upper one mentions nor the merged one has.
 * Where there is no such name, it does not matter.
 */
function opaqueDirectories(upper: string, view: MergedView, part: string, merged: string): string[] {
  const opaque: string[] = [];
  const visit = (path: string) => {
    const changed = readdirSync(join(upper, path), { withFileTypes: true });
    const below = view.names(join(part, path));
    if (below === undefined) return;
    const mentioned = new Set(changed.map(({ name }) => name));
    const missing = below.find((name) => !mentioned.has(name));
    if (missing !== undefined && lstatOf(join(merged, path, missing)) === undefined) {
      opaque.push(path);
      return;
    }
    for (const item of changed)
      if (item.isDirectory()) visit(path === "" ? item.name : `${path}/${item.name}`);
  };
  visit("");
  return opaque.filter((path) => path !== "");
}

function lstatOf(path: string): Stats | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats === undefined || isWhiteout(stats) ? undefined : stats;
}
