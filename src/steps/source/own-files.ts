import type { Directory } from "@dagger.io/dagger";
import { changeRecordType } from "../../model/change-record.ts";
import type { GitFacts } from "./git-facts.ts";

/**
 * Plans and change records that Fairway wrote at the root of the source (`--out plan.json`). They are no part of what is
 * delivered: a plan that lies there must not become a change of what it is about.
 */
export async function ownFiles(source: Directory): Promise<readonly string[]> {
  const names = (await source.entries()).filter((name) => name.endsWith(".json"));
  const own = await Promise.all(
    // A link to nowhere, or a folder of that name, is none of ours.
    names.map(async (name) =>
      isOwn(
        await source
          .file(name)
          .contents()
          .catch(() => ""),
      ),
    ),
  );
  return names.filter((_, index) => own[index]);
}

export function withoutFiles(source: Directory, names: readonly string[]): Directory {
  return names.reduce((directory, name) => directory.withoutFile(name), source);
}

/** One that is in the commit counts as git says. */
export function withoutChanges(facts: GitFacts, names: readonly string[]): GitFacts {
  const changes = facts.changes.filter((change) => !names.includes(change.replace(/^\?\? /, "")));
  return { ...facts, changes, dirty: changes.length > 0 };
}

function isOwn(text: string): boolean {
  try {
    const { hash, plan, predicateType } = JSON.parse(text) as Record<string, unknown>;
    const isPlan = typeof hash === "string" && /^sha256:[0-9a-f]{64}$/.test(hash) && typeof plan === "object";
    return isPlan || predicateType === changeRecordType;
  } catch {
    return false;
  }
}
