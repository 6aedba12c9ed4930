import { join } from "node:path";
import type { LayerDraft, View } from "../../host/layers/layers.ts";
import { StepError } from "../errors.ts";
import { LayerCanvas } from "../files/layer-canvas.ts";
import { absolute, parentOf } from "../files/paths.ts";
import { fileEntry } from "../files/tree.ts";
import type { Session } from "../session.ts";
import { commandOf, type ExecOptions } from "./exec-request.ts";
import { placeOf } from "./places.ts";
import type { ContainerState, ExecResult } from "./state.ts";

interface Target {
  readonly stream: "stdout" | "stderr";
  readonly path: string;
  readonly view: View;
  /** Position of the mount that the file is in; null for the root filesystem. */
  readonly mount: number | null;
}

export interface Redirects {
  readonly stdin: Buffer | undefined;
  readonly targets: readonly Target[];
}

/** Finds where the streams go, before the program runs: nothing is made on the way. */
export async function checkRedirects(
  session: Session,
  state: ContainerState,
  options: ExecOptions,
): Promise<Redirects> {
  const fail = (stream: string, path: string): never => {
    const cmd = commandOf(state, options);
    const message = `open redirect ${stream} file: open ${path}: no such file or directory`;
    throw new StepError(message, { cmd, exitCode: -1, stdout: "", stderr: "" });
  };
  const at = (path: string) => placeOf(state, absolute(path, state.workdir || "/"));
  let stdin: Buffer | undefined;
  if (options.redirectStdin !== "") {
    const place = at(options.redirectStdin);
    const view = await session.files.view(place.contents);
    if ((await view.stat(place.path))?.type !== "file") fail("stdin", place.path);
    stdin = await view.read(place.path);
  }
  const targets: Target[] = [];
  for (const [stream, path] of [
    ["stdout", options.redirectStdout],
    ["stderr", options.redirectStderr],
  ] as const) {
    if (path === "") continue;
    const place = at(path);
    const view = await session.files.view(place.contents);
    if ((await view.stat(parentOf(place.path)))?.type !== "directory") fail(stream, place.path);
    targets.push({
      stream,
      path: place.path,
      view,
      mount: place.mount === null ? null : state.mounts.indexOf(place.mount),
    });
  }
  return { stdin, targets };
}

/** Writes the scrubbed streams into the layers of the step. */
export async function redirect(
  session: Session,
  draft: LayerDraft,
  drafts: ReadonlyMap<number, LayerDraft>,
  redirects: Redirects,
  result: ExecResult,
): Promise<void> {
  for (const { stream, path, view, mount } of redirects.targets) {
    const into = mount === null ? draft : drafts.get(mount);
    if (into === undefined) continue;
    const canvas = new LayerCanvas(into, view, join(session.store.root, "nothing"));
    await canvas.put(path, fileEntry(Buffer.from(result[stream]), 0o644));
  }
}
