import { EngineError } from "../errors.ts";
import { byBytes } from "../files/paths.ts";
import { compareVersions, parseVersion } from "./version.ts";

/** A name in a repository and the commit that it stands for. */
export interface Ref {
  /** `refs/heads/main`; empty for a commit that is asked by its hash. */
  readonly name: string;
  readonly commit: string;
  /** Its own object: an annotated tag's, else the commit. */
  readonly oid: string;
}

/** All that a repository has names for. */
export interface Refs {
  /** Sorted by name; what an annotated tag stands for is its commit. */
  readonly all: readonly Ref[];
  /** What is checked out: a branch, or `HEAD` itself. */
  readonly head: Ref | null;
}

export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** A commit's hash, `HEAD`, a whole name, or a tag's or branch's own name. */
export function findRef(refs: Refs, name: string): Ref {
  if (isCommit(name)) return { name: "", commit: name, oid: name };
  if (name === "HEAD" && refs.head !== null) return refs.head;
  for (const candidate of [name, `refs/${name}`, `refs/tags/${name}`, `refs/heads/${name}`]) {
    const found = refs.all.find((ref) => ref.name === candidate);
    if (found !== undefined) return found;
  }
  throw new EngineError(`repository does not contain ref ${JSON.stringify(name)}`);
}

/** The own names below `prefix`, of those that a pattern names: whole, or from one of its slashes on. */
export function namesBelow(
  refs: Refs,
  prefix: "refs/heads/" | "refs/tags/",
  patterns: readonly string[],
): readonly string[] {
  const expressions = patterns.map(tailPattern);
  return refs.all
    .filter(({ name }) => name.startsWith(prefix))
    .filter(({ name }) => expressions.length === 0 || expressions.some((each) => each.test(`/${name}`)))
    .map(({ name }) => name.slice(prefix.length));
}

/** The tag with the highest version: `v1.2.3`, as Go reads them. */
export function latestVersion(refs: Refs): Ref {
  const versions = namesBelow(refs, "refs/tags/", []).flatMap((tag) => {
    const version = parseVersion(tag);
    return version === undefined ? [] : [{ tag, version }];
  });
  versions.sort((a, b) => compareVersions(a.version, b.version) || byBytes(a.tag, b.tag));
  const latest = versions.at(-1);
  if (latest === undefined) throw new EngineError("no valid semver tags found");
  return findRef(refs, `refs/tags/${latest.tag}`);
}

/** As `git ls-remote` takes them: a star crosses slashes. */
function tailPattern(pattern: string): RegExp {
  const source = pattern.replace(/\[[^\]]*\]|[\\^$.|+(){}*?]/g, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    return part.startsWith("[") ? part.replace(/^\[!/, "[^") : `\\${part}`;
  });
  return new RegExp(`^.*/${source}$`, "s");
}
