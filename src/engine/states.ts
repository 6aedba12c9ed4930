import type { ContainerState } from "./container/state.ts";
import type { Contents } from "./files/contents.ts";
import type { GitRefState, Repository } from "./git/repository.ts";
import type { ServiceDefinition } from "./services/definition.ts";
import type { Value } from "./values.ts";

/** What the value of each type is once it is evaluated. */
export interface States {
  readonly Query: null;
  readonly Host: null;
  readonly Container: ContainerState;
  readonly Directory: Folder;
  readonly File: FileState;
  readonly Secret: SecretState;
  readonly CacheVolume: CacheVolumeState;
  readonly Service: ServiceDefinition;
  readonly Address: { readonly value: string };
  readonly GitRepository: Repository;
  readonly GitRef: GitRefState;
  readonly EnvVariable: Pair;
  readonly Label: Pair;
  readonly Port: ExposedPort;
  readonly Stat: StatState;
  readonly Changeset: ChangesetState;
  readonly EnvFile: EnvFileState;
  readonly JSONValue: JsonState;
  readonly Error: ErrorState;
  readonly ErrorValue: Pair;
  readonly SearchResult: Found;
  readonly SearchSubmatch: FoundPart;
  readonly HealthcheckConfig: Healthcheck;
}

export type TypeName = keyof States;

/** A folder of a filesystem. */
export interface Folder {
  readonly contents: Contents;
  /** Absolute, `/` for the whole of it. */
  readonly path: string;
}

export interface FileState extends Folder {
  readonly name: string;
}

export interface SecretState {
  readonly name: string;
  readonly uri: string;
  /** What a step's key sees of it: never the value. */
  readonly cacheName: string;
  readonly plaintext: string;
}

export interface CacheVolumeState {
  readonly name: string;
  readonly source: Value<"Directory"> | undefined;
  readonly owner: string | undefined;
}

export interface Pair {
  readonly name: string;
  readonly value: string;
}

export interface ExposedPort {
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
  readonly description: string | null;
  readonly experimentalSkipHealthcheck: boolean;
}

export interface StatState {
  readonly name: string;
  readonly fileType: "REGULAR" | "DIRECTORY" | "SYMLINK" | "UNKNOWN";
  readonly permissions: number;
  readonly size: number;
}

export interface ChangesetState {
  readonly before: Folder;
  readonly after: Folder;
}

export interface EnvFileState {
  /** `NAME=value`, the value as it is written. */
  readonly lines: readonly string[];
}

export interface JsonState {
  readonly text: string;
}

export interface ErrorState {
  readonly message: string;
  readonly values: readonly Pair[];
}

/** Lines of a file in which a pattern was found; offsets count bytes. */
export interface Found {
  readonly filePath: string;
  readonly lineNumber: number;
  readonly absoluteOffset: number;
  readonly matchedLines: string;
  readonly submatches: readonly FoundPart[];
}

export interface FoundPart {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Healthcheck {
  readonly args: readonly string[];
  readonly shell: boolean;
  readonly interval: string;
  readonly timeout: string;
  readonly startPeriod: string;
  readonly startInterval: string;
  readonly retries: number;
}
