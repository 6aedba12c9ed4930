import type { Json } from "../../model/canonical-json.ts";
import type { Folder } from "../states.ts";
import type { Ref, Refs } from "./refs.ts";

/** A repository: a folder's, or one that a server has. */
export interface Repository {
  /** Names it where two are compared. */
  readonly key: Json;
  /** Its address as it was given; null for a folder's. */
  readonly url: string | null;
  /** The same without a password, for checkouts. */
  readonly origin: string | null;
  /** Checkouts have no `.git`, whatever they are asked for. */
  readonly discardGitDir: boolean;
  /** The folder with its working tree, if it has one. */
  readonly folder: Folder | null;
  refs(): Promise<Refs>;
  /** Has these commits, with their history, in reach until `use` ends. */
  withObjects<T>(wanted: Wanted, use: (objects: Objects) => Promise<T>): Promise<T>;
}

export interface Wanted {
  readonly commits: readonly string[];
  /** Generations of commits; 0 for all. */
  readonly depth: number;
  readonly includeTags: boolean;
}

/** What isomorphic-git needs to read objects. */
export interface Objects {
  readonly fs: GitFiles;
  readonly gitdir: string;
  /** What was read already. */
  readonly cache: object;
}

/** As `fs.promises` has them. */
export interface GitFiles {
  readonly promises: object;
}

/** A ref of a repository, found. */
export interface GitRefState {
  readonly repository: Repository;
  readonly ref: Ref;
}
