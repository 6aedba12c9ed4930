import type { Client, Directory } from "@dagger.io/dagger";
import { usageError } from "../../model/errors.ts";
import { askGit, gitStep } from "./git-step.ts";

/** What git says of a source. */
export interface GitFacts {
  /** 40 hex digits. */
  readonly commit: string;
  /** The first 7 of them. */
  readonly shortCommit: string;
  /** The branch that is checked out, or the one that the caller named for a detached commit; null for neither. */
  readonly branch: string | null;
  /** Tags of the commit, sorted. */
  readonly tags: readonly string[];
  readonly dirty: boolean;
  /** Files that differ from the commit, as `git status` names them: ` M apps/api/src/main.ts`. */
  readonly changes: readonly string[];
  /** `Ada Lovelace <ada@example.com>` */
  readonly author: string;
}

export interface GitOptions {
  readonly image: string;
  /** A branch or tag that the caller says is checked out, where the commit is detached; `""` for none. */
  readonly ref: string;
}

/**
 * Asks git, in one step, on a source with its .git.
 * @throws FairwayError (exit 2) where git cannot know: no .git, a worktree or submodule, no commit. Never a guess.
 */
export async function gitFacts(
  client: Client,
  source: Directory,
  { image, ref }: GitOptions,
): Promise<GitFacts> {
  const step = gitStep(client, source, image);
  const tag = ref.replace(/^refs\/tags\//, "");
  return factsFrom(await askGit(step, [script, tag], "git cannot read the source's .git"), ref);
}

/** Each line is a word and what git says to it. What Fairway leaves out of the source is no change. */
const script = `
# ask git about the commit
[ -e .git ] || { echo "state none"; exit 0; }
[ -d .git ] || { echo "state file"; exit 0; }
git rev-parse --git-dir >/dev/null
git rev-parse --verify --quiet HEAD >/dev/null || { echo "state empty"; exit 0; }
commit=$(git rev-parse HEAD)
author=$(git log -1 '--format=%an <%ae>')
tags=$(git tag --points-at HEAD)
changes=$(git status --porcelain=v1 --untracked-files=all -- . ':(exclude,glob)**/node_modules/**' \\
  ':(exclude,glob)**/.turbo/**' ':(exclude,glob).fairway/**' \\
  ':(exclude,glob)target/debug/**' ':(exclude,glob)target/release/**')
echo "commit $commit"
echo "branch $(git symbolic-ref --quiet --short HEAD || true)"
echo "author $author"
printf '%s\\n' "$tags" | sed -n 's/^..*/tag &/p'
printf '%s\\n' "$changes" | sed -n 's/^..*/change &/p'
if [ -n "$0" ] && git rev-parse --verify --quiet "refs/tags/$0^{commit}" >/dev/null; then echo "named tag"; fi
`;

/** Reads what the step printed. */
function factsFrom(output: string, ref: string): GitFacts {
  const lines = output.split("\n");
  const all = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const [state] = all("state");
  if (state !== undefined) throw withoutGit(state);
  const commit = all("commit")[0] ?? "";
  if (!/^[0-9a-f]{40}$/.test(commit)) {
    throw usageError(`git answers ${JSON.stringify(commit)} for the commit, not 40 hexadecimal digits`, {
      code: "GIT_UNREADABLE",
      place: ".git",
      remedy: "Repositories with SHA-256 objects are not supported.",
    });
  }
  const changes = all("change");
  return {
    commit,
    shortCommit: commit.slice(0, 7),
    dirty: changes.length > 0,
    changes,
    author: all("author")[0] ?? "",
    ...named(all("branch")[0] ?? "", all("tag").sort(), { ref, isTag: all("named").length > 0 }),
  };
}

/** The caller's ref fills a gap; it never contradicts what git knows. */
function named(
  checkedOut: string,
  tags: readonly string[],
  { ref, isTag }: { readonly ref: string; readonly isTag: boolean },
): { branch: string | null; tags: readonly string[] } {
  const branch = checkedOut === "" ? null : checkedOut;
  const tag = /^refs\/tags\/(.+)$/.exec(ref)?.[1] ?? (isTag ? ref : undefined);
  if (tag !== undefined) {
    if (tags.includes(tag)) return { branch, tags };
    if (!isTag) return { branch, tags: [...tags, tag].sort() };
    throw contradiction(
      `the ref is the tag ${tag}, which is another commit than the one that is checked out`,
      tag,
    );
  }
  const name = ref.replace(/^refs\/(heads|remotes\/origin)\//, "");
  if (name === "") return { branch, tags };
  if (branch === null || branch === name) return { branch: name, tags };
  throw contradiction(`the ref is ${name}, and the branch ${branch} is checked out`, name);
}

function contradiction(sentence: string, name: string) {
  return usageError(sentence, {
    code: "REF_CONTRADICTS",
    place: "--ref",
    remedy: `Leave --ref out, or check ${name} out:\ngit checkout ${name}`,
  });
}

function withoutGit(state: string) {
  if (state === "file") {
    return usageError(
      "the source's .git is a file: a worktree or a submodule, whose history lies outside of it",
      {
        code: "GIT_OUTSIDE",
        place: ".git",
        remedy: "Call Fairway in a clone of its own:\ngit clone . ../clone && cd ../clone",
      },
    );
  }
  if (state === "empty") {
    return usageError("the repository has no commit yet", {
      code: "GIT_EMPTY",
      place: ".git",
      remedy: 'git add . && git commit --message "First commit"',
    });
  }
  return usageError("the source has no .git, so there is no commit to deliver", {
    code: "GIT_MISSING",
    place: ".git",
    remedy:
      'Call Fairway in a git repository, or make one:\ngit init && git add . && git commit --message "First commit"',
  });
}
