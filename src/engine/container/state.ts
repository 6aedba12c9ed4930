import type { Contents } from "../files/contents.ts";
import { emptyTree } from "../files/tree.ts";
import type { ExposedPort, Healthcheck, Pair } from "../states.ts";
import type { Value } from "../values.ts";

/** An evaluated container: a filesystem, and how programs are started in it. Immutable. */
export interface ContainerState {
  readonly platform: string;
  readonly rootfs: Contents;
  /** The reference of the last `from`, as it was written. */
  readonly image: string | null;
  /** The reference, where it is PostgreSQL's: it runs as a service only. */
  readonly postgres: string | null;
  /** What imageRef answers; null once a step has run. */
  readonly imageRef: string | null;
  readonly env: readonly Pair[];
  /** Seen by programs; their values are no part of what names a step, their names are. */
  readonly volatileEnv: readonly Pair[];
  readonly secretEnv: readonly { readonly name: string; readonly secret: Value<"Secret"> }[];
  readonly user: string;
  readonly workdir: string;
  readonly entrypoint: readonly string[];
  readonly defaultArgs: readonly string[];
  readonly labels: readonly Pair[];
  readonly annotations: readonly Pair[];
  readonly ports: readonly ExposedPort[];
  readonly healthcheck: Healthcheck | null;
  /** Metadata of images that no step reads. */
  readonly stopSignal: string | null;
  readonly volumes: readonly string[];
  readonly shell: readonly string[] | null;
  readonly onbuild: readonly string[];
  readonly mounts: readonly Mount[];
  readonly bindings: readonly { readonly alias: string; readonly service: Value<"Service"> }[];
  readonly registryAuth: readonly RegistryAuth[];
  /** What the last withExec left; null before the first. */
  readonly lastExec: ExecResult | null;
  /** How the layers came to be, for an image's history: how many layers of the stack each line made so far. */
  readonly history: readonly { readonly createdBy: string; readonly layers: number }[];
}

export type Mount =
  | {
      readonly kind: "contents";
      readonly target: string;
      readonly contents: Contents;
      readonly path: string;
      readonly readOnly: boolean;
    }
  | {
      readonly kind: "cache";
      readonly target: string;
      readonly volume: string;
      readonly sharing: "SHARED" | "PRIVATE" | "LOCKED";
      readonly source: Contents | null;
      readonly owner: string | null;
    }
  | { readonly kind: "temporary"; readonly target: string; readonly sizeBytes: number | null }
  | {
      readonly kind: "secret";
      readonly target: string;
      readonly secret: Value<"Secret">;
      readonly owner: string | null;
      readonly mode: number;
    };

export interface RegistryAuth {
  readonly address: string;
  readonly username: string;
  readonly secret: Value<"Secret">;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly combined: string;
}

export function bareContainer(platform: string): ContainerState {
  return {
    ...{
      platform,
      rootfs: emptyTree,
      image: null,
      postgres: null,
      imageRef: null,
      env: [],
      volatileEnv: [],
      secretEnv: [],
      user: "",
      workdir: "",
    },
    ...{
      entrypoint: [],
      defaultArgs: [],
      labels: [],
      annotations: [],
      ports: [],
      healthcheck: null,
      stopSignal: null,
    },
    ...{
      volumes: [],
      shell: null,
      onbuild: [],
      mounts: [],
      bindings: [],
      registryAuth: [],
      lastExec: null,
      history: [],
    },
  };
}

/** The list with this name set: in its old place where it was there. */
export function withPair(pairs: readonly Pair[], name: string, value: string): readonly Pair[] {
  if (!pairs.some((pair) => pair.name === name)) return [...pairs, { name, value }];
  return pairs.map((pair) => (pair.name === name ? { name, value } : pair));
}

export function withoutPair(pairs: readonly Pair[], name: string): readonly Pair[] {
  return pairs.filter((pair) => pair.name !== name);
}

export function valueOf(pairs: readonly Pair[], name: string): string | undefined {
  return pairs.find((pair) => pair.name === name)?.value;
}
