import { canonicalJson } from "../../../model/canonical-json.ts";
import type { Branch, Images } from "./branch.ts";

/**
 * Whether a revision is one of the last on the branch, back to the one that set the images that stand there now: what a
 * controller has rolled out from it is what is wanted. An older revision is not, also where its images were the same.
 */
export async function setsTheImagesOf(branch: Branch, head: string, revision: string): Promise<boolean> {
  for await (const commit of since(branch, head)) if (commit === revision) return true;
  return false;
}

/** The commit that set the images as they stand now, in words: `Grace <grace@example.com> in 4f2a9c1 ("Try another")`. */
export async function whoSet(branch: Branch, head: string): Promise<string> {
  let last = head;
  for await (const commit of since(branch, head)) last = commit;
  const { author, message } = await branch.remote.objects.commit(last);
  return `${author} in ${last.slice(0, 7)} (${JSON.stringify(message.split("\n")[0] ?? "")})`;
}

/** Whether a commit is on the branch. */
export async function contains(branch: Branch, head: string, commit: string): Promise<boolean> {
  for await (const known of ancestors(branch, head, () => Promise.resolve(true))) {
    if (known === commit) return true;
  }
  return false;
}

/** The newest commits of the branch, as long as they have the images that the newest has. */
async function* since(branch: Branch, head: string): AsyncGenerator<string> {
  const wanted = textOf(await branch.imagesAt(head));
  yield* ancestors(branch, head, async (commit) => textOf(await branch.imagesAt(commit)) === wanted);
}

async function* ancestors(
  branch: Branch,
  head: string,
  goOn: (commit: string) => Promise<boolean>,
): AsyncGenerator<string> {
  const waiting = [head];
  const seen = new Set(waiting);
  for (let commit = waiting.shift(); commit !== undefined; commit = waiting.shift()) {
    if (!(await goOn(commit))) continue;
    yield commit;
    const { parents } = await branch.remote.objects.commit(commit);
    for (const parent of parents) {
      if (!seen.has(parent)) waiting.push(parent);
      seen.add(parent);
    }
  }
}

function textOf(images: Images | null): string {
  return canonicalJson(images);
}
