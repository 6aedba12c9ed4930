import { hashOf, type Json } from "../../model/canonical-json.ts";
import { viewOf, type LayerStore, type Stack, type View } from "../../host/layers/layers.ts";
import type { StandIn } from "../../host/sandbox/sandbox.ts";
import type { Canvas } from "./canvas.ts";
import { copyInto } from "./canvas.ts";
import { LayerCanvas } from "./layer-canvas.ts";
import { AssumingView, Tree, TreeView } from "./tree.ts";
import { TreeCanvas } from "./tree-canvas.ts";

/** A whole filesystem as a value: a tree in memory, or layers on disk. */
export type Contents = Tree | Snapshot;

/** Layers over a stand-in (or over nothing), and changes that no layer holds yet. */
export interface Snapshot {
  readonly kind: "snapshot";
  readonly key: string;
  readonly standIn: StandIn | null;
  /** Layers above the stand-in, bottom first. */
  readonly stack: Stack;
  readonly edits: readonly Edit[];
}

/** A change to a filesystem, named by its key. */
export interface Edit {
  readonly key: Json;
  /** The times of what it puts there: no step runs again for them, but it sees them. */
  readonly times?: Json;
  apply(canvas: Canvas): Promise<void>;
}

/** A snapshot whose changes are all in layers. */
export interface Settled {
  readonly key: string;
  readonly standIn: StandIn | null;
  readonly stack: Stack;
}

/** Reads and changes filesystems; what has to be on disk goes into the store's layers. */
export class Files {
  readonly #store: LayerStore | undefined;
  readonly #assumesFiles: boolean;

  /** @param store where layers are kept; undefined where every filesystem is a tree */
  constructor(store: LayerStore | undefined, assumesFiles = false) {
    this.#store = store;
    this.#assumesFiles = assumesFiles;
  }

  get store(): LayerStore {
    if (this.#store === undefined) throw new Error("a filesystem in memory has no layers");
    return this.#store;
  }

  /** Has the changes made which nobody has looked at yet. */
  async hold(contents: Contents): Promise<void> {
    if (this.#store !== undefined) await this.settle(contents);
  }

  /** The filesystem after the edit. A snapshot takes it when somebody looks. */
  async edit(contents: Contents, edit: Edit): Promise<Contents> {
    const key = hashOf(["edit", contents.key, edit.key]);
    if (contents.kind === "snapshot") return { ...contents, key, edits: [...contents.edits, edit] };
    const canvas = new TreeCanvas(contents.entries);
    await edit.apply(canvas);
    return new Tree(canvas.entries, key, contents);
  }

  async settle(contents: Contents): Promise<Settled> {
    if (contents.kind === "tree")
      return { key: contents.key, standIn: null, stack: await this.#layerOf(contents) };
    if (contents.edits.length === 0) return contents;
    const below = viewOver(contents);
    const times = contents.edits.map((edit) => edit.times ?? null);
    const hash = times.some((time) => time !== null) ? hashOf([contents.key, times]) : contents.key;
    const layer = await this.store.ensure(layerKey("edit", hash), async (draft) => {
      const canvas = new LayerCanvas(draft, below, this.store.root);
      for (const edit of contents.edits) await edit.apply(canvas);
      canvas.finish();
    });
    return { key: contents.key, standIn: contents.standIn, stack: [...contents.stack, layer] };
  }

  async view(contents: Contents): Promise<View> {
    if (contents.kind !== "tree") return viewOver(await this.settle(contents));
    const isAssumed = this.#assumesFiles && contents.isScripted;
    return isAssumed ? new AssumingView(contents.entries) : new TreeView(contents.entries);
  }

  async #layerOf(tree: Tree): Promise<Stack> {
    if (tree.entries.size <= 1) return [];
    const layer = await this.store.ensure(layerKey("tree", hashOf([tree.key, tree.times])), async (draft) => {
      const canvas = new LayerCanvas(draft, viewOf([]), this.store.root);
      const { "": root, ...rest } = Object.fromEntries(tree.entries);
      await copyInto(canvas, "/", new Map(Object.entries(rest)));
      if (root !== undefined) await canvas.folder("/", root);
      canvas.finish();
    });
    return [layer];
  }
}

export function viewOver(contents: { readonly standIn: StandIn | null; readonly stack: Stack }): View {
  return viewOf([...(contents.standIn?.stack ?? []), ...contents.stack]);
}

export function layerKey(kind: string, hash: string): string {
  return `${kind}:${hash.replace("sha256:", "")}`;
}
