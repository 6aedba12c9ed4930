import { environmentOf, findingsFor, type Config } from "../config/config.ts";
import { hashOf, type Json } from "../model/canonical-json.ts";
import { parseAllowedSigners, type AllowedSigners } from "../release/gates/approvals/approvals.ts";
import { policyOf, type Policy } from "../release/gates/policy.ts";

/** Reads a file of one commit; null where it has none. */
export type ReadFile = (path: string) => Promise<string | null>;

/**
 * The rules of an environment and of all that releases reach through it, as one commit has them: a change of the rules
 * for production has to pass staging, though nothing of staging changes.
 */
export async function rulesFrom(config: Config, environment: string, read: ReadFile): Promise<Rules> {
  const reached = reachedFrom(config, environment).map((name) => rulesOf(config, name, read));
  const [own, ...others] = await Promise.all([rulesOf(config, environment, read), ...reached]);
  return [own, ...others];
}

/** The environment's own first. */
export type Rules = readonly [own: EnvironmentRules, ...others: EnvironmentRules[]];

export interface EnvironmentRules {
  readonly name: string;
  readonly policy: Policy;
  readonly signers: AllowedSigners | null;
}

/** Hash of the rules that come into force with those that a commit brings; null where they are the same. */
export function changedRules(
  before: readonly EnvironmentRules[],
  brought: readonly EnvironmentRules[],
): string | null {
  const hash = hashOf(brought as unknown as Json);
  return hashOf(before as unknown as Json) === hash ? null : hash;
}

async function rulesOf(config: Config, name: string, read: ReadFile): Promise<EnvironmentRules> {
  const policy = policyOf(environmentOf(config, name), findingsFor(config, name));
  return { name, policy, signers: await signersOf(policy, read) };
}

export async function signersOf(
  { approvals, emergency }: Policy,
  read: ReadFile,
): Promise<AllowedSigners | null> {
  const path = approvals?.signers ?? emergency?.approvals?.signers;
  if (path === undefined) return null;
  const text = await read(path);
  return text === null ? null : parseAllowedSigners(text, path);
}

function reachedFrom({ environments }: Config, environment: string): string[] {
  const reached = new Set([environment]);
  for (let before = 0; before !== reached.size;) {
    before = reached.size;
    for (const [name, { after }] of Object.entries(environments)) {
      if (after !== null && reached.has(after)) reached.add(name);
    }
  }
  return [...reached].slice(1).sort();
}
