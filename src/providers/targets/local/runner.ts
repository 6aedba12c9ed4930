/** How a replica of an image becomes a process of this machine. */
export interface ReplicaRunner {
  /** Gets the image onto this machine and reads it. `image` is a reference by digest. */
  pull(image: string, report: (line: string) => void): Promise<ReplicaImage>;
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
  /** SIGTERM, then SIGKILL after `graceMs`. */
  stop(graceMs: number): Promise<unknown>;
}
