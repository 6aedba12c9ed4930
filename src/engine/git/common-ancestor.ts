import { hashOf } from "../../model/canonical-json.ts";
import { EngineError } from "../errors.ts";
import { refusal } from "../validation.ts";
import type { GitRefState } from "./repository.ts";

/** The best commit that both have in their history. */
export async function commonAncestor(one: GitRefState, other: GitRefState): Promise<GitRefState> {
  const { repository } = one;
  if (hashOf(repository.key) !== hashOf(other.repository.key))
    throw new EngineError(refusal("GitRef.commonAncestor of refs of two repositories"));
  const oids = [one.ref.commit, other.ref.commit];
  const git = await import("isomorphic-git");
  const found = await repository.withObjects({ commits: oids, depth: 0, includeTags: false }, (objects) =>
    git.findMergeBase({ fs: objects.fs as never, gitdir: objects.gitdir, cache: objects.cache, oids }),
  );
  const [commit] = found as string[];
  if (commit === undefined) throw new EngineError(`${oids.join(" and ")} have no common ancestor`);
  return { repository, ref: { name: "", commit, oid: commit } };
}
