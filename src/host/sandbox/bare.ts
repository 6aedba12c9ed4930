import { join } from "node:path";
import type { Stack } from "../layers/layers.ts";
import { readMetadata } from "../layers/metadata.ts";
import type { MergedView } from "../layers/view.ts";

/**
 * A root filesystem without a stand-in (FROM scratch, or an image with a userland of its own) has none of the
 * programs that set a sandbox up. It is mounted here, within a stand-in's filesystem, and made the root last.
 */
export const bareTop = "/mnt";

/** True when no layer brings this machine's programs. */
export function isBare(stack: Stack): boolean {
  return !stack.some(({ path }) => readMetadata(path).host !== undefined);
}

/** What the real engine says when there is no such program; undefined when there is one. */
export function explainMissing(
  view: MergedView,
  program: string,
  workdir: string,
  path: string | undefined,
): string | undefined {
  if (!program.includes("/") && program !== "") {
    const found = (path ?? "").split(":").some((folder) => isProgram(view, join("/", folder, program)));
    return found ? undefined : `exec: "${program}": executable file not found in $PATH`;
  }
  const place = program.startsWith("/") ? program : join(workdir, program);
  if (program === "" || view.resolve(place).found === undefined)
    return `fork/exec ${program}: no such file or directory`;
  return isProgram(view, place) ? undefined : `fork/exec ${program}: permission denied`;
}

function isProgram(view: MergedView, path: string): boolean {
  const { found } = view.resolve(path);
  return found?.kind === "leaf" && found.stats.isFile() && (found.stats.mode & 0o111) !== 0;
}
