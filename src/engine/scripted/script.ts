/** What answers the steps of a session that runs no program. */
export interface Script {
  /** Answers a step; refuses it by throwing an EngineError. Asked once for each step of a session. */
  exec(exec: ScriptedExec): Promise<ExecAnswer>;
  /** What is known of an image. @default no files, and no configuration */
  image?(reference: string): ScriptedImage | undefined;
  /** Told of each thing that would have left the engine. */
  onEffect?(effect: Effect): void;
  /** Images that were published; shared by engines that are to see each other's. */
  readonly registry: PublishedImages;
  /**
   * True where a path that nobody gave is taken to be there, in an image and after a step: an empty file where a file
   * is asked for, else an empty folder.
   */
  readonly assumesFiles: boolean;
}

/** What a step leaves. */
export interface ExecAnswer {
  readonly stdout?: string;
  readonly stderr?: string;
  /** @default 0 */
  readonly exitCode?: number;
  /** Files that it writes, by path; relative ones from its working directory. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

export interface ScriptedImage {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly ports?: readonly number[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
}

/** A step, as who answers it sees it. */
export interface ScriptedExec {
  /** Counts from 1, in the order in which they were asked for. */
  readonly id: number;
  readonly argv: readonly string[];
  /** The same without the session's secrets: for people. */
  readonly shownArgv: readonly string[];
  /** Where the step is written: `Dockerfile:7 RUN npm ci`. */
  readonly place: string | null;
  /** The reference of the last `from`; null for none. */
  readonly image: string | null;
  readonly user: string;
  readonly workdir: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly secretVariables: readonly { readonly name: string; readonly secret: string }[];
  readonly mounts: readonly TracedMount[];
  /** What was put into its filesystem since the step before it, or since the image. */
  readonly copies: readonly { readonly path: string; readonly from: Origin }[];
  readonly services: readonly TracedService[];
  /** The steps whose results it uses, the nearest ones. */
  readonly after: readonly number[];
  /** The step in whose container this one is run; null for the first of a container. */
  readonly continues: number | null;
  readonly stdin: string | null;
}

export type TracedMount =
  | { readonly kind: "files"; readonly path: string; readonly from: Origin; readonly readOnly: boolean }
  | { readonly kind: "cache"; readonly path: string; readonly volume: string; readonly sharing: string }
  | { readonly kind: "temporary"; readonly path: string }
  | { readonly kind: "secret"; readonly path: string; readonly secret: string };

export interface TracedService {
  readonly alias: string;
  readonly image: string | null;
  readonly argv: readonly string[];
  readonly ports: readonly number[];
}

/** Where files come from, and what was done to them on the way. */
export interface Origin {
  readonly from:
    | {
        readonly kind: "host";
        /** From the working directory of the session. */
        readonly path: string;
        readonly include: readonly string[];
        readonly exclude: readonly string[];
      }
    | { readonly kind: "exec"; readonly exec: number }
    | { readonly kind: "image"; readonly image: string }
    | { readonly kind: "new" }
    | { readonly kind: "other"; readonly what: string };
  /** The path in it; null for all of it. */
  readonly path: string | null;
  /** `+ a.txt`, `- b.txt`, `only *.ts`, `without node_modules`, in order. */
  readonly changes: readonly { readonly text: string; readonly from?: Origin }[];
}

/** What would have left the engine. */
export type Effect =
  | {
      readonly kind: "publish";
      readonly address: string;
      readonly from: Origin;
      readonly after: readonly number[];
    }
  | {
      readonly kind: "export";
      readonly path: string;
      readonly from: Origin;
      readonly after: readonly number[];
      /** What would have been written, by path; only the texts of files. */
      readonly files: Readonly<Record<string, Buffer>>;
    };

/** Images by reference: `name:tag` and `name@digest`. */
export type PublishedImages = Map<string, PublishedImage>;

export interface PublishedImage {
  /** Of the manifest. */
  readonly digest: string;
  /** As a registry would have them: without layers, as nothing was built. */
  readonly manifest: Uint8Array;
  readonly config: Uint8Array;
  /** Opaque outside of the engine. */
  readonly state: unknown;
}
