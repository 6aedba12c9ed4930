import { join } from "node:path";
import type { LayerDraft, View } from "../../host/layers/layers.ts";
import { resolveUser } from "../../host/sandbox/sandbox.ts";
import { EngineError, StepError } from "../errors.ts";
import { resolve } from "../files/canvas.ts";
import { LayerCanvas } from "../files/layer-canvas.ts";
import { absolute, parentOf } from "../files/paths.ts";
import { fileEntry, type TreeEntry } from "../files/tree.ts";
import type { Session } from "../session.ts";
import { refusal } from "../validation.ts";
import { commandOf, type ExecOptions } from "./exec-request.ts";
import type { Said } from "./output.ts";
import { placeOf } from "./places.ts";
import type { ContainerState } from "./state.ts";

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
  // Which of the two would stand where in it is a matter of moments.
  const [one, two] = targets;
  if (two !== undefined && one?.mount === two.mount && one.path === two.path)
    throw new EngineError(refusal("Container.withExec with redirectStdout and redirectStderr to one file"));
  return { stdin, targets };
}

/**
 * Writes the scrubbed streams into the layers of the step; empty files before it runs, which the program finds. They
 * are the user's who runs it; one that is there keeps its mode.
 */
export async function redirect(
  session: Session,
  state: ContainerState,
  draft: LayerDraft,
  drafts: ReadonlyMap<number, LayerDraft>,
  redirects: Redirects,
  said?: Said,
): Promise<void> {
  if (redirects.targets.length === 0) return;
  const { uid, gid } = await resolveUser(state.user, await session.files.view(state.rootfs));
  for (const { stream, path, view, mount } of redirects.targets) {
    const into = mount === null ? draft : drafts.get(mount);
    if (into === undefined) continue;
    const canvas = new LayerCanvas(into, view, join(session.store.root, "nothing"));
    const at = await resolve(canvas, path, { last: true });
    const there: TreeEntry | undefined = await canvas.lstat(at);
    if (there?.type === "directory")
      throw new EngineError(`open redirect ${stream} file: ${at} is a directory`);
    const mode = there?.mode ?? 0o600;
    await canvas.put(at, {
      ...fileEntry(said?.bytes[stream] ?? Buffer.alloc(0), mode, uid, gid),
      modifiedAtMs: Date.now(),
    });
  }
}
