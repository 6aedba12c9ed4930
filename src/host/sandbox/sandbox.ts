import type { LayerStore, Stack } from "../layers/layers.ts";
import { HostSandbox } from "./host-sandbox.ts";

/**
 * A sandbox runs one process of this machine in a filesystem of its own: the host's userland at the bottom (it
 * stands in for an image), layers above it, and a directory that takes the changes.
 */

/** What stands in for an image of this name. */
export interface StandIn {
  /** The reference that was asked for: `node:24-slim`. */
  readonly reference: string;
  /** What the user should know, once: `node:24-slim is stood in for by this host's userland and Node 24.21.0`. */
  readonly notes: readonly string[];
  /** Variables that the image would set (PATH, NODE_VERSION). */
  readonly variables: Readonly<Record<string, string>>;
  readonly defaultCommand: readonly string[];
  /** Layers that belong to the stand-in: its /etc, its /usr/local. */
  readonly stack: Stack;
  /** What is shown of this machine besides, read-only: a toolchain's directory. */
  readonly mounts?: readonly SandboxMount[];
}

export interface SandboxRequest {
  readonly standIn: StandIn | null;
  /** Layers above the stand-in, bottom first. */
  readonly stack: Stack;
  /** Directory that takes the changes; without it they are thrown away. */
  readonly upper?: string;
  readonly mounts: readonly SandboxMount[];
  /** The program and its arguments. The program is looked up in the PATH of `variables`, inside. */
  readonly command: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly workdir: string;
  /** `""` for root, a name or number, `user:group`; looked up in the sandbox's own /etc/passwd. */
  readonly user: string;
  /** Names that resolve inside, to an address of this machine. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** A directory of cgroup v2 that it is put into, with all that it starts. */
  readonly cgroup?: string;
  readonly onOutput: (stream: "stdout" | "stderr", chunk: Buffer) => void;
  /** What the user should know of this run, each text once for a sandbox: a user that cannot be changed to. */
  readonly onNote?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export type SandboxMount =
  /** A part of a stack. Changes go to `upper`, or are thrown away, or are refused. */
  | {
      readonly kind: "stack";
      readonly target: string;
      readonly stack: Stack;
      readonly path: string;
      readonly upper?: string;
      readonly readOnly?: boolean;
    }
  | { readonly kind: "bind"; readonly target: string; readonly source: string; readonly readOnly: boolean }
  | { readonly kind: "temporary"; readonly target: string; readonly sizeBytes?: number };

export interface SandboxExit {
  /** 128 + number for an end by a signal. */
  readonly exitCode: number;
}

/** A process that goes on: a service of a step, a replica of a target. */
export interface RunningSandbox {
  readonly processId: number;
  readonly exited: Promise<SandboxExit>;
  /** Sends the signal to the process (and its children); SIGKILL after `graceMs`. */
  stop(graceMs: number, signal?: NodeJS.Signals): Promise<SandboxExit>;
}

export { SandboxStartError } from "./errors.ts";
export { resolveUser } from "./user.ts";

export interface Sandbox {
  /** What this machine can do, found out by running one real layered `true`; cached for the process. */
  readonly support: () => Promise<SandboxSupport>;
  /** The stand-in for an image reference, or a FairwayError that names the tool that the image has and this host lacks. */
  standIn(reference: string): Promise<StandIn>;
  run(request: SandboxRequest): Promise<SandboxExit>;
  start(request: SandboxRequest): Promise<RunningSandbox>;
}

export type SandboxSupport =
  | { readonly kind: "root" | "user-namespace" }
  | { readonly kind: "none"; readonly reason: string; readonly remedy: string };

/** A sandbox whose stand-ins and throw-away changes are kept in this store. Starts nothing. */
export function createSandbox(options: { readonly store: LayerStore }): Sandbox {
  return new HostSandbox(options.store);
}
