/**
 * A path of the repository from what tools write: a URI, a path below where the step's source stands, or `./` before it. What
 * leads out of the repository stays as it is.
 */
export function repositoryPath(written: string): string {
  const path = decoded(written.replaceAll("\\", "/").replace(/^file:(?:\/\/[^/]*)?/i, ""));
  return path.replace(/^(?:\.\/)+/, "").replace(/^\/(?:workspace|src|source)\//, "") || ".";
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A whole number of 1 and more, as lines and columns are; tools write 0 and -1 for those that they do not know. */
export function position(value: number | null | undefined): number | undefined {
  return value !== null && value !== undefined && Number.isInteger(value) && value >= 1 ? value : undefined;
}
