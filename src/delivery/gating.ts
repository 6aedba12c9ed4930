import { environmentOf, loadConfig, type Config } from "../config/config.ts";
import { held, isFairwayError } from "../model/errors.ts";
import type { Ledger } from "../model/ledger.ts";
import type { Release } from "../model/plan.ts";
import type { Gating } from "../release/gates/gating.ts";
import type { ProvenBefore } from "../release/gates/judge.ts";
import { asksForNothing, openPolicy, type Policy, type PolicyInForce } from "../release/gates/policy.ts";
import type { Emergency } from "../release/gates/requirements.ts";
import { readState, type EnvironmentState } from "../release/release.ts";
import { commitsBetween, filesAt } from "../steps/steps.ts";
import { runChecklist } from "./checklist.ts";
import type { Delivery } from "./delivery.ts";
import { changedRules, rulesFrom, signersOf, type EnvironmentRules, type Rules } from "./rules.ts";

/** What the gates of an environment will ask, from the repository's history and the ledgers. */
export async function gatingOf(
  delivery: Delivery,
  environment: string,
  state: EnvironmentState,
  emergency: Emergency | null,
): Promise<Gating> {
  const facts = await delivery.facts();
  const config = await delivery.config();
  const proven = state.line.at(-1)?.release.commit ?? null;
  const brought = await rulesFrom(config, environment, (path) => ownFile(delivery, path));
  const [{ inForce, newRules }, changes] = await Promise.all([
    rulesInForce(delivery, environment, state, { commit: proven, brought }),
    proven === null || proven === facts.commit
      ? { complete: true, commits: [] }
      : commitsBetween(await delivery.git(), proven, facts.commit),
  ]);
  return {
    inForce,
    brings: brought[0].policy,
    newRules,
    changes,
    before: await provenBefore(delivery, inForce.policy.after),
    requester: (await delivery.asker()) ?? { name: delivery.actor, email: null },
    tags: facts.tags,
    emergency,
    runChecklist: (items) => runChecklist(delivery, environment, items),
  };
}

/** The rules that count in an environment now, read for themselves. */
export async function policyInForce(delivery: Delivery, state: EnvironmentState): Promise<PolicyInForce> {
  const { environment } = state;
  const config = await delivery.config();
  const brought = await rulesFrom(config, environment, (path) => ownFile(delivery, path));
  const commit = state.line.at(-1)?.release.commit ?? null;
  return (await rulesInForce(delivery, environment, state, { commit, brought })).inForce;
}

interface RulesInForce {
  readonly inForce: PolicyInForce;
  /** Hash of those that this commit brings instead; null where they are the same, and where nobody can tell. */
  readonly newRules: string | null;
}

/**
 * The rules of the last commit that was proven here: nobody deploys the change of the rules that lets it through. An
 * environment without one takes those of the commit that comes.
 * @throws FairwayError POLICY_UNREADABLE (exit 3)
 */
async function rulesInForce(
  delivery: Delivery,
  environment: string,
  state: EnvironmentState,
  { commit, brought }: { readonly commit: string | null; readonly brought: Rules },
): Promise<RulesInForce> {
  if (commit === null) return { inForce: inForceFrom(brought[0], commit), newRules: null };
  const step = await delivery.git();
  const read = async (path: string) => (await filesAt(step, commit, [path]))?.[path] ?? null;
  const recorded = await recordedPolicy(await delivery.ledger(environment), state);
  const { file } = delivery.definition;
  if (file === null) {
    const policy = required(recorded, environment, commit);
    const own = { name: environment, policy, signers: await signersOf(policy, read) };
    // Of a pipeline that is written in TypeScript the ledger has the rules of the environment itself, and no others.
    return { inForce: inForceFrom(own, commit), newRules: changedRules([own], [brought[0]]) };
  }
  const config = await configInForce(delivery, environment, commit, file, recorded);
  // On this machine a commit may have been amended away: where its rules asked for nothing, nothing is lost with it.
  if (config === null) {
    return { inForce: { policy: recorded ?? openPolicy, commit, signers: null }, newRules: null };
  }
  const rules = await rulesFrom(config, environment, read);
  return { inForce: inForceFrom(rules[0], commit), newRules: changedRules(rules, brought) };
}

function inForceFrom({ policy, signers }: EnvironmentRules, commit: string | null): PolicyInForce {
  return { policy, commit, signers };
}

/** Null where the commit cannot be read any more, and asked for nothing. */
async function configInForce(
  delivery: Delivery,
  environment: string,
  commit: string,
  file: string,
  recorded: Policy | null,
): Promise<Config | null> {
  const isLocal = environmentOf(await delivery.config(), environment).target === "local";
  const lost = isLocal && recorded !== null && asksForNothing(recorded);
  try {
    return await configAt(delivery, environment, commit, file);
  } catch (error) {
    if (lost && isFairwayError(error)) return null;
    throw error;
  }
}

async function configAt(
  delivery: Delivery,
  environment: string,
  commit: string,
  file: string,
): Promise<Config> {
  const texts = await filesAt(await delivery.git(), commit, [file]);
  const unreadable = (why: string, remedy: string, cause?: unknown) =>
    held(`the rules of ${environment} are those of ${commit.slice(0, 7)}, which is live there, and ${why}`, {
      code: "POLICY_UNREADABLE",
      place: `${file} in ${commit.slice(0, 7)}`,
      remedy,
      cause,
    });
  if (texts === undefined) {
    throw unreadable(
      "the history of this clone does not reach it",
      "Fetch the whole history:\ngit fetch --unshallow",
    );
  }
  const text = texts[file];
  if (text === null || text === undefined) {
    throw unreadable(
      "it has no such file",
      "Deploy once with the engine and the config that it was deployed with.",
    );
  }
  try {
    return loadConfig(text, `${file}@${commit.slice(0, 7)}`);
  } catch (error) {
    if (!isFairwayError(error)) throw error;
    throw unreadable(`cannot be read: ${error.message}`, error.remedy ?? "", error);
  }
}

/** What the proven commit brought along is in the ledger, as it was then; null where an older version wrote it. */
async function recordedPolicy(
  ledger: Ledger,
  { environment, line }: EnvironmentState,
): Promise<Policy | null> {
  const version = line.at(-1)?.release.version;
  const started = await ledger.read({ environment, types: ["deployment-started"] });
  const bringing = started
    .map(({ payload }) => payload as unknown as { action: string; release: Release; brings?: Policy })
    .findLast(({ action, release }) => action === "deploy" && release.version === version);
  // An older version knew fewer rules: what it did not ask for then is not asked for now.
  return bringing?.brings === undefined ? null : { ...openPolicy, ...bringing.brings };
}

/** A pipeline that is written in TypeScript is not evaluated as it was: without what was written down nobody knows. */
function required(policy: Policy | null, environment: string, commit: string): Policy {
  if (policy !== null) return policy;
  throw held(
    `the rules of ${environment} are those of ${commit.slice(0, 7)}, and its ledger does not have them`,
    {
      code: "POLICY_UNREADABLE",
      remedy: "Deploy once with the version of Fairway that it was deployed with.",
    },
  );
}

async function ownFile(delivery: Delivery, path: string): Promise<string | null> {
  const { source } = await delivery.project();
  return (await source.exists(path)) ? source.file(path).contents() : null;
}

async function provenBefore(delivery: Delivery, after: string | null): Promise<ProvenBefore | null> {
  if (after === null) return null;
  const { live } = await readState({ environment: after, ledger: await delivery.ledger(after) });
  return live === null ? null : { environment: after, release: live.release, since: live.since };
}
