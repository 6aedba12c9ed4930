import { failure } from "../../model/errors.ts";
import type { Registry } from "../../model/registry.ts";
import { parseReference } from "../../oci/oci.ts";
import type { GitFacts } from "../source/source.ts";
import { repositoryIn } from "./repository-in.ts";

/**
 * The tags that people read: the commit's short SHA, the branch, the version of a tag `v1.2.3` or `1.2.3`, and
 * `latest` on main only. None for a tree that differs from its commit: the names would lie.
 */
export function imageTags(
  facts: Pick<GitFacts, "shortCommit" | "branch" | "tags" | "dirty">,
): readonly string[] {
  if (facts.dirty) return [];
  const branch = facts.branch === null ? [] : [branchTag(facts.branch)];
  const latest = facts.branch === "main" ? ["latest"] : [];
  return [...new Set([facts.shortCommit, ...branch, ...facts.tags.flatMap(versionTag), ...latest])];
}

/**
 * Points a tag at an image that the registry has. Does nothing when it points there already.
 * @param reference `host:port/repository@sha256:<64 hex>`
 */
export async function tagImage(
  registry: Registry,
  reference: string,
  tag: string,
): Promise<{ readonly moved: boolean }> {
  const { repository, digest } = await opened(registry, reference, tag);
  const isThere = async () => (await repository.headManifest(tag))?.digest === digest;
  if (await isThere()) return { moved: false };
  const { bytes, mediaType } = await repository.getManifest(digest);
  try {
    await repository.putManifest(bytes, { tag, mediaType });
  } catch (error) {
    // A registry whose tags cannot be moved refuses the one, too, that somebody else has set to the same image by now.
    if (await isThere().catch(() => false)) return { moved: false };
    throw error;
  }
  return { moved: true };
}

/** Whether the registry has this tag, and it points to exactly this image. */
export async function isTagged(registry: Registry, reference: string, tag: string): Promise<boolean> {
  const { repository, digest } = await opened(registry, reference, tag);
  return (await repository.headManifest(tag))?.digest === digest;
}

async function opened(registry: Registry, reference: string, tag: string) {
  const { digest } = parseReference(reference);
  if (digest === null)
    throw failure(`${reference} cannot be tagged ${tag}: it has no digest`, {
      code: "IMAGE_REFERENCE",
      place: reference,
    });
  return { repository: await repositoryIn(registry, reference), digest };
}

/** `feature/pay now` becomes `feature-pay-now`; a branch that is named like a version, a commit or a build is marked. */
function branchTag(branch: string): string {
  const name =
    branch
      .replace(/[^A-Za-z0-9_.-]+/g, "-")
      .replace(/^[.-]+/, "")
      .slice(0, 120) || "branch";
  // A branch must not move the tag that says what an image was built from.
  const isTaken =
    name === "latest" || /^v?\d+\.\d+\.\d+/.test(name) || /^(build-[0-9a-f]{12}|[0-9a-f]{7,40}$)/.test(name);
  return isTaken ? `branch-${name}` : name;
}

/** A `+` of semver's build metadata cannot stand in a tag; `_` is what Helm writes for it. */
function versionTag(tag: string): string[] {
  const match = /^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$/.exec(tag);
  return match?.[1] === undefined ? [] : [match[1].replace("+", "_").slice(0, 128)];
}
