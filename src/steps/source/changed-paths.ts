import type { Container } from "@dagger.io/dagger";
import { usageError } from "../../model/errors.ts";
import { askGit } from "./git-step.ts";

/** What was changed since a line of commits was left. */
export interface ChangedPaths {
  /** As git knows it: `origin/main`. */
  readonly base: string;
  /** The commit where both lines part, 40 hex digits. */
  readonly since: string;
  /** From the root of the repository, sorted; also what is gone, or not committed yet. */
  readonly paths: readonly string[];
}

/**
 * Asks git what the commits since a base have changed, and what is changed beside them.
 * @param step of `gitStep`
 * @param base a branch, tag or commit; `""` for the remote's default branch, or else main
 * @throws FairwayError BASE_UNKNOWN (exit 2), HISTORY_SHALLOW (exit 2): never a guess
 */
export async function changedPaths(step: Container, base: string): Promise<ChangedPaths> {
  if (base !== "" && !/^[\w@][\w./@{}~^+-]*$/.test(base)) throw unknownBase(base);
  const answer = await askGit(step, [script, base], "git cannot say what was changed");
  const line = (word: string) =>
    answer
      .split("\n")
      .find((text) => text.startsWith(`${word} `))
      ?.slice(word.length + 1);
  const name = line("base");
  if (name === undefined) throw unknownBase(base);
  const since = line("since");
  if (since === undefined) throw line("shallow") === "true" ? shallow(name) : unrelated(name);
  const paths = Buffer.from(line("paths") ?? "", "base64")
    .toString("utf8")
    .split("\0");
  return { base: name, since, paths: [...new Set(paths.filter((path) => path !== ""))].sort() };
}

/** What Fairway leaves out of the source is no change. */
const script = `
# ask git what was changed
known() { git rev-parse --verify --quiet "$1^{commit}" >/dev/null; }
if [ -n "$0" ]; then set -- "$0" "origin/$0"
else set -- "$(git symbolic-ref --quiet --short refs/remotes/origin/HEAD || echo origin/main)" origin/main main; fi
base=
for name in "$@"; do if known "$name"; then base=$name; break; fi; done
[ -n "$base" ] || exit 0
echo "base $base"
echo "shallow $(git rev-parse --is-shallow-repository)"
since=$(git merge-base "$base" HEAD) || exit 0
echo "since $since"
set -- . ':(exclude,glob)**/node_modules/**' ':(exclude,glob)**/.turbo/**' ':(exclude,glob).fairway/**' \\
  ':(exclude,glob)target/debug/**' ':(exclude,glob)target/release/**'
# Not into a pipe, which ends well where git does not.
list=$(mktemp)
git diff --name-only --no-renames --no-ext-diff -z "$since" -- "$@" > "$list"
git ls-files --others --exclude-standard -z -- "$@" >> "$list"
printf 'paths '
base64 < "$list" | tr -d '\\n'
`;

function unknownBase(base: string) {
  const named = base === "" ? "there is no remote's default branch and no main" : `git knows no ${base}`;
  return usageError(`${named} to compare with`, {
    code: "BASE_UNKNOWN",
    place: "--base",
    remedy: `Name a branch that this clone has (CI often fetches only one):\ngit fetch origin ${base === "" ? "main" : base.replace(/^origin\//, "")}`,
  });
}

function shallow(base: string) {
  return usageError(`this clone does not reach the commit where ${base} was left`, {
    code: "HISTORY_SHALLOW",
    place: ".git",
    remedy:
      "Fetch the whole history (on GitHub: actions/checkout with fetch-depth: 0):\ngit fetch --unshallow origin",
  });
}

function unrelated(base: string) {
  return usageError(`${base} and what is checked out have no commit in common`, {
    code: "BASE_UNKNOWN",
    place: "--base",
    remedy: "Name the branch that this one was made from.",
  });
}
