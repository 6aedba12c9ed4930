import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Stack } from "../layers/layers.ts";
import { masksPath } from "../layers/metadata.ts";
import { MergedView, partsOf, type Source } from "../layers/view.ts";
import { bareTop } from "./bare.ts";
import { SandboxStartError } from "./errors.ts";
import { fstabLine, lockedFlags } from "./fstab.ts";
import { imitate, isInside, makePoint } from "./mount-points.ts";
import type { SandboxMount } from "./sandbox.ts";
import { besideOf, workOf } from "./uppers.ts";

/** An overlay of this run, as it is mounted. */
export interface OverlayMount {
  /** Where it stands inside, absolute. */
  readonly target: string;
  /** What it shows without changes; paths in it are absolute. */
  readonly view: MergedView;
  /** The part of the view that it shows. */
  readonly part: string;
  /** Takes the changes; on the filesystem of `work`. */
  readonly upper: string;
  readonly work: string;
  /** The layer that the changes belong to, and where in it; undefined when they are thrown away. */
  readonly keeps: { readonly layer: string; readonly at: string } | undefined;
  /** Writes are refused. */
  readonly readOnly: boolean;
  /** Directories on disk, top first. */
  readonly lowers: readonly string[];
}

export interface MountPlan {
  readonly overlays: readonly OverlayMount[];
  readonly fstab: string;
}

export interface MountPlanInput {
  /** An empty directory of this run. */
  readonly scratch: string;
  readonly stack: Stack;
  /** For a bare root: what stands around it. */
  readonly base: Stack | undefined;
  readonly upper: string | undefined;
  readonly mounts: readonly SandboxMount[];
  readonly overlayOptions: string;
  readonly userNamespace: boolean;
}

interface Placed {
  /** Where it stands inside, free of symlinks. */
  readonly target: string;
  readonly kind: "overlay" | "bind" | "temporary" | "fixed";
  /** The directories that the layer of mount points gets, for an overlay. */
  readonly points?: string;
  readonly view?: MergedView;
  readonly part?: string;
  readonly source?: string;
  readonly writable?: boolean;
}

/** Decides every mount of a run, and makes in `scratch` what they need. Mounts nothing. */
export async function planMounts(input: MountPlanInput): Promise<MountPlan> {
  const plan = new Planner(input);
  plan.root();
  for (const mount of [...input.mounts].sort((a, b) => partsOf(a.target).length - partsOf(b.target).length)) {
    await plan.mount(mount);
  }
  return plan.done();
}

class Planner {
  readonly #input: MountPlanInput;
  readonly #placed: Placed[] = [];
  readonly #overlays: (Omit<OverlayMount, "lowers"> & {
    readonly lowers: readonly string[];
    readonly points: string;
  })[] = [];
  /** Lines of the fstab; a number stands for the overlay of that index, whose lowers are not complete yet. */
  readonly #lines: (string | number)[] = [];
  readonly #names = new Map<string, string>();
  /** Where the root of the run stands while the mounts are made. */
  readonly #top: string;
  #fresh = 0;

  constructor(input: MountPlanInput) {
    this.#input = input;
    this.#top = input.base === undefined ? "/" : bareTop;
    mkdirSync(join(input.scratch, "m"));
    mkdirSync(join(input.scratch, "empty"));
  }

  root(): void {
    const { base, stack, upper } = this.#input;
    if (base !== undefined) {
      this.overlay("/", new MergedView(base), "/", undefined);
      this.#fixed("/");
    }
    this.overlay(this.#top, new MergedView(stack), "/", upper);
    this.#fixed(this.#top);
  }

  /** A part of a stack, and within it one overlay more for each directory of this machine. */
  overlay(
    target: string,
    view: MergedView,
    part: string,
    upper: string | undefined,
    readOnly = false,
    keeps = whole(upper),
  ): void {
    const sources = view.sources(part);
    const index = this.#overlays.length;
    const like = view.entry(part);
    const own = upper ?? this.#directory("upper");
    if (like?.type === "directory" && readdirSync(own).length === 0) imitate(own, like);
    const points = this.#directory("points");
    this.#overlays.push({
      target,
      view,
      part,
      upper: own,
      work: upper === undefined ? this.#directory("work") : workOf(upper),
      keeps,
      readOnly,
      lowers: lowersOf(sources),
      points,
    });
    this.#placed.push({ target, kind: "overlay", points, view, part });
    this.#lines.push(index);
    for (const name of hostNames(sources)) {
      const inner = join(part, name);
      const within = join(target, name);
      if (upper === undefined) this.overlay(within, view, inner, undefined, readOnly);
      else this.overlay(within, view, inner, besideOf(upper, name), readOnly, { layer: upper, at: name });
    }
  }

  /** What every sandbox has: /proc and /dev. */
  #fixed(top: string): void {
    this.#device(join(top, "proc"), "directory", "proc", "proc", "nosuid,nodev,noexec");
    for (const name of ["null", "zero", "full", "random", "urandom", "tty"]) {
      this.#device(join(top, "dev", name), "file", `/dev/${name}`, "none", "bind");
    }
    this.#device(join(top, "dev/shm"), "directory", "tmpfs", "tmpfs", "nosuid,nodev,mode=1777");
    const pts = `nosuid,noexec,newinstance,ptmxmode=0666,mode=0620${this.#input.userNamespace ? "" : ",gid=5"}`;
    this.#device(join(top, "dev/pts"), "directory", "devpts", "devpts", pts);
  }

  #device(target: string, point: "file" | "directory", source: string, type: string, options: string): void {
    this.#point(target, this.#below(target), point);
    this.#line(source, target, type, options);
    this.#placed.push({ target, kind: "fixed" });
  }

  async mount(mount: SandboxMount): Promise<void> {
    const { target, below } = this.#place(mount.target);
    if (target === this.#top) throw new SandboxStartError("a mount cannot stand at the root directory");
    switch (mount.kind) {
      case "stack":
        return this.#mountStack(mount, target, below);
      case "bind":
        return void this.#bind(mount.source, target, below, mount.readOnly);
      case "temporary": {
        this.#point(target, below, "directory");
        const size = mount.sizeBytes === undefined ? "" : `,size=${String(mount.sizeBytes)}`;
        this.#line("tmpfs", target, "tmpfs", `nosuid,nodev,mode=0755${size},X-mount.mkdir=0755`);
        this.#placed.push({ target, kind: "temporary" });
      }
    }
  }

  done(): MountPlan {
    const fstab = this.#lines
      .map((line) => (typeof line === "string" ? line : this.#overlayLine(line)))
      .join("");
    return { overlays: this.#overlays, fstab };
  }

  async #mountStack(
    mount: Extract<SandboxMount, { kind: "stack" }>,
    target: string,
    below: Placed,
  ): Promise<void> {
    const view = new MergedView(mount.stack);
    const { found, path } = view.resolve(mount.path);
    if (found?.kind === "leaf") {
      if (mount.readOnly === true) {
        this.#bind(found.source.disk, target, below, true);
        return;
      }
      const copy = join(mount.upper ?? this.#directory("file"), basename(path));
      await copyFile(found.source.disk, copy);
      chmodSync(copy, found.stats.mode & 0o7777);
      return void this.#bind(copy, target, below, false);
    }
    this.#point(target, below, "directory");
    this.overlay(target, view, path, mount.upper, mount.readOnly);
  }

  #bind(source: string, target: string, below: Placed, readOnly: boolean): void {
    const stats = statSync(source, { throwIfNoEntry: false });
    if (stats === undefined) throw new SandboxStartError(`mount ${target}: ${source} does not exist`);
    this.#point(target, below, stats.isDirectory() ? "directory" : "file");
    const flags = readOnly ? `bind,ro${this.#input.userNamespace ? lockedFlags(source) : ""}` : "bind";
    this.#line(source, target, "none", `${flags}${made(below)}`);
    this.#placed.push({ target, kind: "bind", source, writable: !readOnly });
  }

  /** Follows the symlinks of the filesystem that the target is in, and says which mount that is. */
  #place(wanted: string): { readonly target: string; readonly below: Placed } {
    const root = this.#placed.find(({ target }) => target === this.#top)!;
    const whole = join(this.#top, partsOf(root.view!.resolve(wanted).path).join("/"));
    const below = this.#below(whole);
    if (below.kind !== "overlay" || below.view === root.view) return { target: whole, below };
    const inner = below.view!.resolve(join(below.part!, whole.slice(below.target.length))).path;
    const escapes = below.part !== "/" && !inner.startsWith(`${below.part!}/`);
    return { target: escapes ? whole : join(below.target, inner.slice(below.part!.length)), below };
  }

  #below(target: string): Placed {
    const holding = this.#placed.filter(
      (placed) => placed.target === "/" || target === placed.target || target.startsWith(`${placed.target}/`),
    );
    return holding.reduce((a, b) => (b.target.length >= a.target.length ? b : a));
  }

  /** Makes the mount point where it leaves no trace: in a layer of its own, directly below the changes. */
  #point(target: string, below: Placed, type: "file" | "directory"): void {
    const relative = target.slice(below.target === "/" ? 0 : below.target.length);
    if (partsOf(relative).length === 0) return;
    if (below.kind === "overlay") {
      makePoint(below.points!, below.view!, below.part!, partsOf(relative), type);
    } else if (below.kind === "bind") {
      const point = join(below.source!, relative);
      if (existsSync(point)) {
        if (isInside(point, below.source!)) return;
        throw new SandboxStartError(`mount ${target}: a symlink leads out of the mount that it is in`);
      }
      if (below.writable !== true)
        throw new SandboxStartError(`mount ${target}: there is no such path in the read-only mount`);
      mkdirSync(type === "directory" ? point : dirname(point), { recursive: true });
      if (type === "file") writeFileSync(point, "");
    } else if (type === "file") {
      throw new SandboxStartError(`mount ${target}: a file cannot be mounted into a temporary mount`);
    }
  }

  #overlayLine(index: number): string {
    const { target, lowers, upper, work, points, readOnly } = this.#overlays[index]!;
    const all = readdirSync(points).length > 0 ? [points, ...lowers] : lowers;
    const lower = (all.length === 0 ? [join(this.#input.scratch, "empty")] : all)
      .map((path) => this.#short(path))
      .join(":");
    const options = `lowerdir=${lower},upperdir=${this.#short(upper)},workdir=${this.#short(work)}${this.#input.overlayOptions}`;
    if (options.length > 4000) throw new SandboxStartError(`too many layers: ${String(all.length)}`);
    const point = target === "/" ? "" : ",X-mount.mkdir=0755";
    return this.#format("overlay", target, "overlay", `${readOnly ? "ro," : ""}nodev,${options}${point}`);
  }

  /** A name without a character that overlayfs or fstab(5) takes for its own, and short. */
  #short(path: string): string {
    const known = this.#names.get(path);
    if (known !== undefined) return known;
    const name = String(this.#names.size);
    this.#names.set(path, name);
    symlinkSync(path, join(this.#input.scratch, name));
    return name;
  }

  #line(source: string, target: string, type: string, options: string): void {
    this.#lines.push(this.#format(source, target, type, options));
  }

  #format(source: string, target: string, type: string, options: string): string {
    const inside = target === "/" ? join(this.#input.scratch, "m") : join(this.#input.scratch, "m", target);
    return fstabLine(source, inside, type, options);
  }

  #directory(kind: string): string {
    const path = join(this.#input.scratch, `${kind}-${String(this.#fresh++)}`);
    mkdirSync(path);
    return path;
  }
}

/** Directories on disk of an overlay, top first, each followed by its whiteouts for opaque directories. */
function lowersOf(sources: readonly Source[]): string[] {
  return sources.flatMap(({ disk, layer, path }) => {
    const masks = join(masksPath(layer.path), path);
    return layer.opaque.size > 0 && isDirectory(masks) ? [disk, masks] : [disk];
  });
}

function hostNames(sources: readonly Source[]): string[] {
  return [
    ...new Set(
      sources.flatMap(({ layer, path }) => (path === "" ? Object.keys(layer.metadata.host ?? {}) : [])),
    ),
  ];
}

/** In a filesystem that is not there before the mounts are made, mount(8) makes the mount point. */
function made(below: Placed): string {
  return below.kind === "temporary" ? ",X-mount.mkdir=0755" : "";
}

function whole(upper: string | undefined): OverlayMount["keeps"] {
  return upper === undefined ? undefined : { layer: upper, at: "" };
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
