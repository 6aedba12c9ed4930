import type { Delivery } from "./delivery.ts";

/** The commit's short SHA; what differs from the commit is named by its content, so that it is never taken for it. */
export async function versionOf(delivery: Delivery): Promise<string> {
  const facts = await delivery.facts();
  if (!facts.dirty) return facts.shortCommit;
  const digest = await (await delivery.project()).source.digest();
  return `${facts.shortCommit}-dirty.${digest.replace(/^.*:/, "").slice(0, 8)}`;
}
