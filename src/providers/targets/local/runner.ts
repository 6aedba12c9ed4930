import type { PulledImage } from "./protocol.ts";

/** How a replica of an image becomes a process of this machine. */
export interface ReplicaRunner {
  open(image: PulledImage, report: (line: string) => void): Promise<ReplicaImage>;
}

export interface ReplicaImage {
  /** What the image's config sets. */
  readonly variables: Readonly<Record<string, string>>;
  start(request: ReplicaStart): Promise<ReplicaProcess>;
}

export interface ReplicaStart {
  readonly variables: Readonly<Record<string, string>>;
  readonly onOutput: (stream: "stdout" | "stderr", chunk: Buffer) => void;
  /** A directory of cgroup v2 that limits it. */
  readonly cgroup?: string;
}

export interface ReplicaExit {
  readonly exitCode: number;
  /** Why it was ended for what it took of the machine: `killed: over its memory limit of 512 MiB`. */
  readonly killed?: string;
}

export interface ReplicaProcess {
  readonly processId: number;
  readonly exited: Promise<ReplicaExit>;
  /** The image's stop signal, then SIGKILL after `graceMs`. */
  stop(graceMs: number): Promise<unknown>;
}
