import { createHash, randomUUID } from "node:crypto";
import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { commitOf, parentsOf, type Commit } from "./commits.ts";
import type { Place } from "./failures.ts";

/**
 * The commits of a ledger that are known to this machine, one a line: its hash, and its content as a JSON string. Each names its parent by hash, so what was cut
 * off, changed, or written twice by several processes at once is recognised and passed over; the rest is fetched again.
 */
export interface CommitCache {
  readonly path: string;
  /** Oldest first, without a gap. */
  load(): Promise<Commit[]>;
  /** As good as it can: without it the next process asks the remote for more. */
  add(commits: readonly Commit[]): Promise<void>;
}

export function commitCache(directory: string, { url, ref }: Place): CommitCache {
  const key = createHash("sha256").update(`${url}\n${ref}`).digest("hex").slice(0, 16);
  const path = join(directory, `ledger-${key}.jsonl`);
  return {
    path,
    load: async () => {
      const lines = (await readFile(path, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
      const commits = lineIn(lines);
      // Every process that watches the same ledger adds the same commits.
      if (lines.length > 2 * commits.length + 100) await replace(path, commits).catch(() => undefined);
      return commits;
    },
    add: async (commits) => {
      // Begins a line of its own, also after one that a crash has cut off.
      if (commits.length === 0) return;
      const write = () => appendFile(path, `\n${textOf(commits)}`);
      await write()
        .catch(async () => {
          await mkdir(dirname(path), { recursive: true });
          await write();
        })
        .catch(() => undefined);
    },
  };
}

function textOf(commits: readonly Commit[]): string {
  return commits.map(({ oid, content }) => `${oid} ${JSON.stringify(content)}\n`).join("");
}

/** What another process adds meanwhile may be lost, and is fetched again. */
async function replace(path: string, commits: readonly Commit[]): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, textOf(commits));
  await rename(draft, path);
}

function lineIn(lines: readonly string[]): Commit[] {
  const commits: Commit[] = [];
  for (const line of lines) {
    const commit = commitIn(line);
    if (commit === null) continue;
    const [parent = null] = parentsOf(commit.content);
    if (parent === (commits.at(-1)?.oid ?? null)) commits.push(commit);
  }
  return commits;
}

function commitIn(line: string): Commit | null {
  try {
    const [oid = "", json = ""] = line.split(/ (.*)/s);
    const content: unknown = JSON.parse(json);
    const commit = typeof content === "string" ? commitOf(content) : null;
    return commit?.oid === oid ? commit : null;
  } catch {
    return null;
  }
}
