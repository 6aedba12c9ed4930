import { resolve } from "node:path";
import { repositoryOf, stateDirectory, type Places } from "../places.ts";

/** What a call works on. */
export interface Project {
  /** The root of the repository that is delivered. */
  readonly repository: string;
  readonly state: string;
}

/** `--source` moves the whole project: its state stands beside its source. */
export function projectOf(source: unknown, places: Places): Project {
  const repository =
    typeof source === "string" ? repositoryOf(resolve(places.workdir, source)) : places.repository;
  return { repository, state: stateDirectory(repository) };
}
