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
}

export interface ReplicaProcess {
  readonly processId: number;
  readonly exited: Promise<{ readonly exitCode: number }>;
  /** The image's stop signal, then SIGKILL after `graceMs`. */
  stop(graceMs: number): Promise<unknown>;
}
