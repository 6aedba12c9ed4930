import { resolve } from "node:path";
import { hashOf } from "../../model/canonical-json.ts";
import { digestOf, manifestOf, parseReference } from "../../oci/oci.ts";
import { isExpected } from "../container/exec-request.ts";
import { editAt } from "../container/places.ts";
import { checkRedirects } from "../container/redirects.ts";
import { withPair, type ContainerState } from "../container/state.ts";
import { trimmed } from "../container/steps.ts";
import { StepError } from "../errors.ts";
import type { ExecStep, Execution, Executor, Ran } from "../executor/executor.ts";
import { putFile } from "../files/edits.ts";
import { selected } from "../files/folders.ts";
import { absolute, nameOf } from "../files/paths.ts";
import { emptyTree, fileEntry, Tree, TreeView } from "../files/tree.ts";
import { configOf, withConfig } from "../images/config.ts";
import { scrub } from "../scrub.ts";
import { notScripted, type Session } from "../session.ts";
import type { FileState, Folder } from "../states.ts";
import { layerOf } from "../changeset/changeset.ts";
import { Provenance } from "./provenance.ts";
import type { ExecAnswer, PublishedImage, Script, ScriptedImage } from "./script.ts";
import { NamedServices } from "./services.ts";

export type * from "./script.ts";

/** Answers steps from a script: no program is run, and every filesystem is a tree in memory. */
export function scriptedExecutor(script: Script): Executor {
  return {
    disk: undefined,
    assumesFiles: script.assumesFiles,
    open: (session) => new Scripted(session, script),
  };
}

class Scripted implements Execution {
  readonly services = new NamedServices();
  readonly #session: Session;
  readonly #script: Script;
  readonly #provenance: Provenance;
  readonly #done = new Map<string, ExecAnswer>();

  constructor(session: Session, script: Script) {
    this.#session = session;
    this.#script = script;
    this.#provenance = new Provenance(session);
  }

  asked(key: string): void {
    this.#provenance.asked(key);
  }

  async run(step: ExecStep): Promise<Ran> {
    const { key, state, command, options, tell } = step;
    const known = this.#done.get(key);
    if (known !== undefined) return { after: await this.#after(step, known), outcome: "cached" };
    tell();
    const redirects = await checkRedirects(this.#session, state, options);
    const stdin = redirects.stdin?.toString() ?? (options.stdin === "" ? null : options.stdin);
    const exec = await this.#provenance.exec(step, stdin);
    const answer = await this.#script.exec(exec);
    const exitCode = answer.exitCode ?? 0;
    if (!isExpected(exitCode, options.expect)) {
      const secrets = await this.#secretsOf(state);
      throw new StepError(`exit code: ${String(exitCode)}`, {
        cmd: command.map((word) => scrub(word, secrets)),
        ...trimmed(resultOf(answer, secrets)),
      });
    }
    this.#done.set(key, answer);
    return { after: await this.#after(step, answer), outcome: "done" };
  }

  image(fresh: ContainerState, address: string): Promise<ContainerState> {
    const published = this.#script.registry.get(address);
    if (published !== undefined) {
      const imageRef = address.includes("@") ? address : `${address}@${published.digest}`;
      return Promise.resolve({ ...onImage(fresh, published), imageRef });
    }
    return this.#scriptedImage(fresh, address);
  }

  async #scriptedImage(fresh: ContainerState, address: string): Promise<ContainerState> {
    const known = this.#script.image?.(address) ?? usualImage(address);
    let { env } = fresh;
    for (const [name, value] of Object.entries(known.variables ?? {})) env = withPair(env, name, value);
    const rootfs = new Tree(emptyTree.entries, ["image", address], { isScripted: true });
    const state = {
      ...{ ...fresh, rootfs, env, user: known.user ?? "", workdir: known.workdir ?? "" },
      ...{ entrypoint: known.entrypoint ?? [], defaultArgs: known.command ?? [] },
      ports: (known.ports ?? []).map((port) => ({
        ...{ port, protocol: "TCP" as const, description: null, experimentalSkipHealthcheck: false },
      })),
    };
    return this.#withFiles(state, known.files ?? {});
  }

  async publish(state: ContainerState, { address }: { readonly address: string }): Promise<string> {
    const { registry } = this.#script;
    const image = publishedImage(state);
    const { digest } = image;
    const { registry: host, repository } = parseReference(address);
    registry.set(address, image);
    registry.set(`${address.split("@")[0] ?? ""}@${digest}`, image);
    registry.set(`${host}/${repository}@${digest}`, image);
    this.#script.onEffect?.({ kind: "publish", address, ...(await this.#provenance.ofCurrent()) });
    return `${address}@${digest}`;
  }

  /** A file that stands for the image in this registry; no engine can load it. */
  imageArchive(state: ContainerState): Promise<FileState> {
    const image = publishedImage(state);
    const { digest } = image;
    this.#script.registry.set(`archive@${digest}`, image);
    const entry = fileEntry(Buffer.from(`${archiveOf}${digest}\n`), 0o644);
    const tree = new Tree(new Map([...emptyTree.entries, ["image.tar", entry]]), null);
    return Promise.resolve({ contents: tree, path: "/image.tar", name: "image.tar" });
  }

  async importImage(fresh: ContainerState, archive: FileState): Promise<ContainerState> {
    const text = (await (await this.#session.files.view(archive.contents)).read(archive.path)).toString();
    const published = text.startsWith(archiveOf)
      ? this.#script.registry.get(`archive@${text.slice(archiveOf.length).trim()}`)
      : undefined;
    if (published === undefined) throw notScripted();
    return onImage(fresh, published);
  }

  async exportImage(_state: ContainerState, { path }: { readonly path: string }): Promise<string> {
    return this.#exported(path, {});
  }

  async exportFolder(folder: Folder, path: string): Promise<string> {
    const tree = await selected(this.#session.files, folder);
    const view = new TreeView(tree.entries);
    const files: Record<string, Buffer> = {};
    for (const [name, entry] of tree.entries)
      if (entry.type === "file") files[name] = await view.read(`/${name}`);
    return this.#exported(path, files);
  }

  async exportFile(file: Folder, path: string): Promise<string> {
    const view = await this.#session.files.view(file.contents);
    return this.#exported(path, { "": await view.read(file.path) });
  }

  async exportChanges(changeset: Parameters<Execution["exportChanges"]>[0], path: string): Promise<string> {
    return this.exportFolder(await layerOf(this.#session.files, changeset), path);
  }

  /** Nothing is written: what would have been is told. */
  async #exported(path: string, files: Readonly<Record<string, Buffer>>): Promise<string> {
    const { workdir } = this.#session.options;
    const shown = this.#provenance.hostPath(path);
    this.#script.onEffect?.({ kind: "export", path: shown, files, ...(await this.#provenance.ofCurrent()) });
    return resolve(workdir, path);
  }

  async #after({ key, state, options }: ExecStep, answer: ExecAnswer): Promise<ContainerState> {
    const result = resultOf(answer, await this.#secretsOf(state));
    // A step has changed something, whatever it answers: what comes after it is another step than without it.
    const mounts = state.mounts.map((mount, position) =>
      mount.kind !== "contents" || mount.readOnly || mount.contents.kind !== "tree"
        ? mount
        : { ...mount, contents: scripted(mount.contents, `${key}-${String(position)}`) },
    );
    if (state.rootfs.kind !== "tree") throw new Error("a scripted session has a filesystem on disk");
    const redirected = {
      ...(options.redirectStdout === "" ? {} : { [options.redirectStdout]: result.stdout }),
      ...(options.redirectStderr === "" ? {} : { [options.redirectStderr]: result.stderr }),
    };
    const changed = { ...state, rootfs: scripted(state.rootfs, key), mounts };
    const after = await this.#withFiles(changed, { ...answer.files, ...redirected });
    return { ...after, lastExec: this.#provenance.resultOf(key, result) };
  }

  async #withFiles(
    state: ContainerState,
    files: Readonly<Record<string, string | Uint8Array>>,
  ): Promise<ContainerState> {
    let after = state;
    for (const [name, contents] of Object.entries(files)) {
      const entry = fileEntry(Buffer.from(contents), 0o644);
      const path = absolute(name, state.workdir || "/");
      after = await editAt(this.#session, after, path, (inside) =>
        putFile(inside, nameOf(path), entry, entry.hash ?? ""),
      );
    }
    return after;
  }

  async #secretsOf(state: ContainerState): Promise<readonly string[]> {
    const mounted = state.mounts.flatMap((mount) => (mount.kind === "secret" ? [mount.secret] : []));
    const all = [...state.secretEnv.map(({ secret }) => secret), ...mounted];
    return Promise.all(all.map(async (secret) => (await secret.state()).plaintext));
  }
}

const archiveOf = "the scripted image ";

/** What is known of it: its config. What its files are made of tells it from others, as its layers would. */
function publishedImage(state: ContainerState): PublishedImage {
  const { manifest, config } = manifestOf({
    layers: [],
    config: configOf(state, [], null),
    annotations: { "fairway.scripted": hashOf(state.rootfs.key) },
  });
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  const whole = Buffer.concat([...(config.open(0, config.sizeBytes) as Iterable<Uint8Array>)]);
  return { digest: digestOf(bytes), manifest: bytes, config: whole, state };
}

function onImage(fresh: ContainerState, { state }: PublishedImage): ContainerState {
  const image = state as ContainerState;
  return { ...withConfig(fresh, configOf(image, [], null).config ?? {}), rootfs: image.rootfs };
}

function scripted(tree: Tree, key: string): Tree {
  return new Tree(tree.entries, ["exec", key], { isScripted: true });
}

function resultOf({ stdout = "", stderr = "", exitCode = 0 }: ExecAnswer, secrets: readonly string[]) {
  const clean = { stdout: scrub(stdout, secrets), stderr: scrub(stderr, secrets) };
  return { exitCode, ...clean, combined: clean.stdout + clean.stderr };
}

/** What everybody knows of an image, and pipelines rely on. */
function usualImage(address: string): ScriptedImage {
  return /(^|\/)postgres([:@]|$)/.test(address) ? { ports: [5432], command: ["postgres"] } : {};
}
