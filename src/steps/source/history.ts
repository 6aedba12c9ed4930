import type { Container, Directory } from "@dagger.io/dagger";
import type { PlannedCommit } from "../../model/plan.ts";
import { askGit } from "./git-step.ts";

/** What lies between two commits. */
export interface CommitRange {
  /** False when the history of this clone does not reach `from`, or `from` is on another line of commits. */
  readonly complete: boolean;
  /** In `to` and not in `from`, newest first. */
  readonly commits: readonly PlannedCommit[];
}

/**
 * The commits that a deploy of `to` brings where `from` runs.
 * @param from 40 hex digits
 * @param to 40 hex digits
 */
export async function commitsBetween(step: Container, from: string, to: string): Promise<CommitRange> {
  const output = await askGit(step, [rangeScript, from, to], unreadable);
  if (output.startsWith("unknown")) return { complete: false, commits: [] };
  const commits = output
    .split(recordEnd)
    .map((record) => record.replace(/^\n/, "").split(fieldEnd))
    .filter(([commit]) => /^[0-9a-f]{40}$/.test(commit ?? ""))
    .map(([commit = "", name = "", email = "", subject = "", others = ""]): PlannedCommit => ({
      commit,
      subject,
      author: { name, email },
      coAuthors: others.split("\n").flatMap(personOf),
    }));
  return { complete: true, commits };
}

/**
 * The texts of files as they were in a commit; null for one that it does not have.
 * @returns undefined when the history of this clone does not reach the commit
 */
export async function filesAt(
  step: Container,
  commit: string,
  paths: readonly string[],
): Promise<Readonly<Record<string, string | null>> | undefined> {
  const output = await askGit(step, [filesScript, commit, ...paths], unreadable);
  if (output.startsWith("unknown")) return undefined;
  const texts = output.split("\n").filter((line) => line !== "");
  return Object.fromEntries(
    paths.map((path, index) => {
      const line = texts[index] ?? "none";
      return [
        path,
        line === "none" ? null : Buffer.from(line.slice("file ".length), "base64").toString("utf8"),
      ];
    }),
  );
}

/**
 * What git has at each path in a commit: the name of a folder's tree or of a file's blob, which is that of its content.
 * @param paths from the root of the repository; `""` is the root itself
 * @returns null for a path that the commit does not have
 */
export async function objectsAt(
  step: Container,
  commit: string,
  paths: readonly string[],
): Promise<readonly (string | null)[]> {
  const lines = (await askGit(step, [objectsScript, commit, ...paths], unreadable)).split("\n");
  return paths.map((_, index) => {
    const [, object = null] = /^object ([0-9a-f]{40})$/.exec(lines[index] ?? "") ?? [];
    return object;
  });
}

/** The repository as it was in a commit, with its .git, so that it says of itself which commit it is. */
export function sourceAt(step: Container, commit: string): Directory {
  return step.withExec(["sh", "-euc", checkoutScript, commit]).directory("/checkout");
}

/** The URL of the remote `origin`; null where the repository has none. */
export async function originOf(step: Container): Promise<string | null> {
  const script = "# ask git for its remote\ngit config --get remote.origin.url || true";
  const url = await askGit(step, [script], unreadable);
  return url.trim() === "" ? null : url.trim();
}

const unreadable = "git cannot read the history of the source";

const fieldEnd = "\u001f";
const recordEnd = "\u001e";

/** A range over a line that does not have `from` would name commits that are live already. */
const rangeScript = `
# ask git for the commits between two
git rev-parse --verify --quiet "$0^{commit}" >/dev/null || { echo unknown; exit 0; }
git merge-base --is-ancestor "$0" "$1" || git merge-base "$0" "$1" >/dev/null || { echo unknown; exit 0; }
git log --no-show-signature '--format=%H%x1f%an%x1f%ae%x1f%s%x1f%(trailers:key=Co-authored-by,valueonly,unfold)%x1e' "$0..$1"
`;

const filesScript = `
# ask git for files of a commit
git rev-parse --verify --quiet "$0^{commit}" >/dev/null || { echo unknown; exit 0; }
for path in "$@"; do
  if git cat-file -e "$0:$path" 2>/dev/null; then echo "file $(git show "$0:$path" | base64 | tr -d '\\n')"; else echo none; fi
done
`;

const objectsScript = `
# ask git for what is at paths of a commit
for path in "$@"; do
  if object=$(git rev-parse --verify --quiet "$0:$path"); then echo "object $object"; else echo none; fi
done
`;

const checkoutScript = `
# check a commit out beside the source
git clone --quiet --no-hardlinks /source /checkout
cd /checkout
git checkout --quiet --detach "$0"
`;

/** `Ada Lovelace <ada@example.com>` */
function personOf(line: string): { name: string; email: string }[] {
  const [, name, email] = /^\s*(.*?)\s*<([^<>]+)>\s*$/.exec(line) ?? [];
  return name === undefined || email === undefined ? [] : [{ name, email }];
}
