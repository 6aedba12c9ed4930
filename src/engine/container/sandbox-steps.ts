import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import type { Layer, LayerDraft, Stack } from "../../host/layers/layers.ts";
import { SandboxStartError } from "../../host/sandbox/sandbox.ts";
import { EngineError, StepError } from "../errors.ts";
import type { ExecStep, Ran } from "../executor/executor.ts";
import { layerKey, type Settled, type Snapshot } from "../files/contents.ts";
import { scrub } from "../scrub.ts";
import type { Session } from "../session.ts";
import { isExpected, type ExecOptions } from "./exec-request.ts";
import { Output, type Said } from "./output.ts";
import { prepare, requirePlatform, type Prepared } from "./prepare.ts";
import { redirect, checkRedirects } from "./redirects.ts";
import type { ContainerState, ExecResult } from "./state.ts";
import { trimmed } from "./steps.ts";

/** What is kept of a step, beside its layers. */
interface Kept extends ExecResult {
  /** The layer with what it changed in the root filesystem. */
  readonly layer: string;
  readonly isEmpty: boolean;
  /** By position among the container's mounts: the layer with what it changed there. */
  readonly mounts: Readonly<Record<string, string>>;
}

/** Runs steps as programs of this host, or finds in the store what they left the last time. */
export class SandboxSteps {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async run({ id, key, state, command, options, tell }: ExecStep): Promise<Ran> {
    const { store } = this.#session;
    requirePlatform(this.#session, state);
    // A layer can outlive its record, or a record its layers, when the store was pruned: then the next name is taken.
    for (let attempt = 0; attempt < 5; attempt++) {
      const name = layerKey("exec", `${key}${attempt === 0 ? "" : `-${String(attempt)}`}`);
      const run = { done: false };
      if ((await store.get(name)) === undefined) {
        await store.ensure(name, (draft) => {
          run.done = true;
          tell();
          return this.#execute(id, name, draft, state, command, options);
        });
      }
      const after = await this.#restore(key, name, state);
      if (after !== undefined) return { after, outcome: run.done ? "done" : "cached" };
    }
    throw new Error(`what the step ${key} left cannot be found again in ${store.root}`);
  }

  async #restore(key: string, name: string, state: ContainerState): Promise<ContainerState | undefined> {
    const { store, files } = this.#session;
    const [layer, kept] = await Promise.all([
      store.get(name),
      store.readRecord(name) as Promise<Kept | undefined>,
    ]);
    if (layer === undefined || kept === undefined) return undefined;
    const mountLayers = new Map<number, Layer>();
    for (const [position, mountKey] of Object.entries(kept.mounts)) {
      const found = await store.get(mountKey);
      if (found === undefined) return undefined;
      mountLayers.set(Number(position), found);
    }
    const below = await files.settle(state.rootfs);
    const rootfs = above(below, key, kept.isEmpty ? [] : [layer]);
    const mounts = await Promise.all(
      state.mounts.map(async (mount, position) => {
        const own = mountLayers.get(position);
        if (mount.kind !== "contents" || own === undefined) return mount;
        const contents = above(await files.settle(mount.contents), `${key}-${String(position)}`, [own]);
        return { ...mount, contents };
      }),
    );
    const { exitCode, stdout, stderr, combined } = kept;
    return { ...state, rootfs, mounts, lastExec: { exitCode, stdout, stderr, combined } };
  }

  async #execute(
    id: string,
    name: string,
    draft: LayerDraft,
    state: ContainerState,
    command: readonly string[],
    options: ExecOptions,
  ): Promise<void> {
    await using prepared = await prepare(this.#session, state, command);
    const places = await checkRedirects(this.#session, state, options);
    const writable = prepared.mounts.flatMap((mount, position) => (mount.takesChanges ? [position] : []));
    const run = randomBytes(8).toString("hex");
    const names = new Map(writable.map((position) => [position, `mount:${run}-${String(position)}`]));
    await this.#withDrafts([...names], new Map(), async (drafts) => {
      await redirect(this.#session, state, draft, drafts, places).catch((error: unknown) => {
        // A user that does not exist: the program's start tells it.
        if (!(error instanceof SandboxStartError)) throw error;
      });
      const said = await this.#program(id, draft, drafts, prepared, state, command, options, places.stdin);
      const { result } = said;
      const shown = { cmd: command.map((word) => scrub(word, prepared.secrets)), ...trimmed(result) };
      if (!isExpected(result.exitCode, options.expect))
        throw new StepError(`exit code: ${String(result.exitCode)}`, shown);
      await redirect(this.#session, state, draft, drafts, places, said);
      const mounts: Record<string, string> = {};
      for (const [position, mountName] of names) {
        if (!(await isEmpty(drafts.get(position)))) mounts[String(position)] = mountName;
      }
      const kept: Kept = { ...result, layer: name, isEmpty: await isEmpty(draft), mounts };
      await this.#session.store.writeRecord(name, kept);
    });
  }

  /** Layers for the changes in mounts, made together with the step's own: all of them are kept, or none. */
  async #withDrafts(
    names: readonly (readonly [number, string])[],
    drafts: ReadonlyMap<number, LayerDraft>,
    work: (drafts: ReadonlyMap<number, LayerDraft>) => Promise<void>,
  ): Promise<void> {
    const [first, ...rest] = names;
    if (first === undefined) return work(drafts);
    const [position, name] = first;
    await this.#session.store.ensure(name, (draft) =>
      this.#withDrafts(rest, new Map([...drafts, [position, draft]]), work),
    );
  }

  async #program(
    id: string,
    draft: LayerDraft,
    drafts: ReadonlyMap<number, LayerDraft>,
    prepared: Prepared,
    state: ContainerState,
    command: readonly string[],
    options: ExecOptions,
    stdin: Buffer | undefined,
  ): Promise<Said> {
    const { events, sandbox, programs, signal } = this.#session;
    const output = new Output(events, id, prepared.secrets, [
      ...prepared.secrets,
      ...this.#session.longSecrets(),
    ]);
    const mounts = await Promise.all(
      prepared.mounts.map((mount, position) => mount.of(drafts.get(position))),
    );
    const input = stdin ?? (options.stdin === "" ? undefined : options.stdin);
    try {
      const exit = await programs.run(() => {
        signal.throwIfAborted();
        return sandbox.run({
          ...{
            standIn: prepared.rootfs.standIn,
            stack: prepared.rootfs.stack,
            upper: draft.path,
            mounts,
            command,
          },
          ...{
            variables: prepared.variables,
            workdir: state.workdir || "/",
            user: state.user,
            hosts: prepared.hosts,
          },
          ...(input === undefined ? {} : { stdin: input }),
          ...{
            onOutput: (stream, chunk) => output.write(stream, chunk),
            signal,
            onNote: (text) => events.note(text),
          },
        });
      });
      return output.end(exit.exitCode);
    } catch (error) {
      if (!(error instanceof SandboxStartError))
        throw signal.aborted ? new EngineError("the session was closed") : error;
      const said = output.end(-1).result;
      const message = error.message.startsWith("unable to find")
        ? `get user: ${error.message}`
        : error.message;
      throw new StepError(message, {
        cmd: command.map((word) => scrub(word, prepared.secrets)),
        ...trimmed(said),
      });
    }
  }
}

function above(below: Settled, key: string, layers: Stack): Snapshot {
  return {
    kind: "snapshot",
    key: `exec-${key}`,
    standIn: below.standIn,
    stack: [...below.stack, ...layers],
    edits: [],
  };
}

async function isEmpty(draft: LayerDraft | undefined): Promise<boolean> {
  return draft === undefined || (await readdir(draft.path)).length === 0;
}
