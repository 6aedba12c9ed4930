import { chmod, copyFile, lchown, mkdir, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LayerDraft } from "../../host/layers/layers.ts";
import type { SandboxMount } from "../../host/sandbox/sandbox.ts";
import { viewOver, type Settled } from "../files/contents.ts";
import { all } from "../all.ts";
import { Cleanup } from "../cleanup.ts";
import { EngineError } from "../errors.ts";
import type { Session } from "../session.ts";
import { refusal } from "../validation.ts";
import { ownerIn } from "./places.ts";
import { secretFile } from "./secret-files.ts";
import type { ContainerState, Mount } from "./state.ts";
import { holdVolumes, volumeDirectory } from "./volumes.ts";

/** All that a program needs, at hand until it is disposed of: files, volumes, secrets, running services. */
export interface Prepared extends AsyncDisposable {
  readonly rootfs: Settled;
  readonly mounts: readonly PreparedMount[];
  readonly variables: Readonly<Record<string, string>>;
  readonly hosts: Readonly<Record<string, string>>;
  /** Texts to be scrubbed from what it says. */
  readonly secrets: readonly string[];
}

export interface PreparedMount {
  /** True when what is changed there is kept for the next step. */
  readonly takesChanges: boolean;
  of(draft: LayerDraft | undefined): Promise<SandboxMount>;
}

/** What a program gets where its image sets none. */
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A program of another platform would be this machine's own, which says another thing. */
export function requirePlatform(session: Session, { platform }: ContainerState): void {
  if (platform !== session.platform)
    throw new EngineError(refusal(`running a program in a container of ${platform} on ${session.platform}`));
}

export async function prepare(
  session: Session,
  state: ContainerState,
  command: readonly string[],
): Promise<Prepared> {
  await using cleanup = new Cleanup();
  requireNoNul(state, command);
  const secrets = await Promise.all(
    state.secretEnv.map(async ({ name, secret }) => ({ name, text: (await secret.state()).plaintext })),
  );
  const texts = secrets.map(({ text }) => text);
  const settling = session.files.settle(state.rootfs);
  settling.catch(() => undefined);
  const mounts = await all(state.mounts.map((mount) => prepareMount(session, state, mount, cleanup, texts)));
  const rootfs = await settling;
  const variables: Record<string, string> = Object.fromEntries(
    [...state.env, ...state.volatileEnv].map(({ name, value }) => [name, value]),
  );
  for (const { name, text } of secrets) variables[name] = text;
  if (!("PATH" in variables)) variables.PATH = systemPath;
  const held = await session.services.hold(state.bindings, command);
  cleanup.defer(() => held.release());
  const volumes = await holdVolumes(
    session,
    state.mounts.filter((mount) => mount.kind === "cache"),
  );
  cleanup.defer(() => {
    volumes[Symbol.dispose]();
  });
  const kept = cleanup.move();
  return {
    rootfs,
    mounts,
    variables,
    hosts: held.hosts,
    secrets: texts,
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

async function prepareMount(
  session: Session,
  state: ContainerState,
  mount: Mount,
  cleanup: Cleanup,
  texts: string[],
): Promise<PreparedMount> {
  const { target } = mount;
  switch (mount.kind) {
    case "contents":
      return prepareContents(session, mount);
    case "cache": {
      const source = await volumeDirectory(session, state, mount);
      return fixed({ kind: "bind", target, source, readOnly: false });
    }
    case "temporary":
      return fixed({
        kind: "temporary",
        target,
        ...(mount.sizeBytes === null ? {} : { sizeBytes: mount.sizeBytes }),
      });
    case "secret": {
      const { plaintext } = await mount.secret.state();
      texts.push(plaintext);
      const owner = mount.owner === null ? undefined : await ownerIn(session, state, mount.owner);
      const file = cleanup.use(await secretFile(plaintext, owner, mount.mode));
      return fixed({ kind: "bind", target, source: file.path, readOnly: true });
    }
  }
}

async function prepareContents(
  session: Session,
  mount: Extract<Mount, { kind: "contents" }>,
): Promise<PreparedMount> {
  const { target, path, readOnly } = mount;
  const settled = await session.files.settle(mount.contents);
  const stack = [...(settled.standIn?.stack ?? []), ...settled.stack];
  const entry = await viewOver(settled).stat(path);
  const overlay: PreparedMount["of"] = (draft) =>
    Promise.resolve({
      kind: "stack",
      target,
      stack,
      path,
      ...(draft === undefined ? {} : { upper: draft.path }),
    });
  if (readOnly) return fixed({ kind: "stack", target, stack, path, readOnly: true });
  if (entry?.type !== "file") return { takesChanges: true, of: overlay };
  // A file cannot be an overlay: the step writes to a copy, which is the mount from then on.
  return {
    takesChanges: true,
    of: async (draft) => {
      if (draft === undefined) return overlay(draft);
      await placeCopy(draft, path, entry.diskPath, entry);
      return { kind: "bind", target, source: join(draft.path, path), readOnly: false };
    },
  };
}

async function placeCopy(
  draft: LayerDraft,
  path: string,
  from: string,
  entry: { readonly uid: number; readonly gid: number; readonly mode: number; readonly modifiedAtMs: number },
): Promise<void> {
  const copy = join(draft.path, path);
  await mkdir(dirname(copy), { recursive: true });
  await copyFile(from, copy);
  await chmod(copy, entry.mode);
  if (process.getuid?.() === 0) await lchown(copy, entry.uid, entry.gid);
  await utimes(copy, entry.modifiedAtMs / 1000, entry.modifiedAtMs / 1000);
  draft.setOwner(path.slice(1), entry.uid, entry.gid);
}

/** The kernel ends a word at a NUL: the program would be given another one. */
function requireNoNul({ env, volatileEnv }: ContainerState, command: readonly string[]): void {
  if (command.some((word) => word.includes("\0")))
    throw new EngineError("invalid argument: a word of the command holds a NUL");
  const wrong = [...env, ...volatileEnv].find((pair) => `${pair.name}${pair.value}`.includes("\0"));
  if (wrong !== undefined)
    throw new EngineError(`invalid argument: the variable ${JSON.stringify(wrong.name)} holds a NUL`);
}

function fixed(mount: SandboxMount): PreparedMount {
  return { takesChanges: false, of: () => Promise.resolve(mount) };
}
