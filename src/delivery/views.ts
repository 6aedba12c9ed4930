import { usageError } from "../model/errors.ts";
import { readState } from "../release/release.ts";
import { environmentState, type DeploymentSummary } from "../release/state.ts";
import { diffJson, diffText } from "../report/diff.ts";
import { handChanges } from "../report/by-hand.ts";
import { heldStep } from "../report/held-step.ts";
import { historyJson, historyOf, historyText } from "../report/history.ts";
import { lastLive } from "../report/last-live.ts";
import { statusJson, statusText, type EnvironmentStatus } from "../report/status.ts";
import { waitingIn } from "../report/waiting.ts";
import { commitsBetween } from "../steps/steps.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import type { Delivery } from "./delivery.ts";
import { environmentNames, ofEach } from "./environments.ts";

export async function status(delivery: Delivery, environment: string, format: OutputFormat): Promise<string> {
  const statuses = await ofEach(delivery, environment, (name) => statusOf(delivery, name));
  return answerOf(format, statusText(statuses, delivery.clock.now(), delivery.command), statusJson(statuses));
}

async function statusOf(delivery: Delivery, name: string): Promise<EnvironmentStatus> {
  const ledger = await delivery.ledger(name);
  const target = await delivery.target(name);
  const events = await ledger.read({ environment: name });
  const state = environmentState(name, events);
  const observed = await target.observe();
  const holder = await ledger.holder(name);
  const held = heldStep(state, events, holder);
  return {
    ...{ state, observed, holder, held },
    ...{ stopped: lastLive(state, events), waiting: waitingIn(state, events) },
  };
}

export interface HistoryOptions {
  /** How many of the newest; 0 for all of them. */
  readonly limit: number;
}

export async function history(
  delivery: Delivery,
  environment: string,
  { limit }: HistoryOptions,
  format: OutputFormat,
): Promise<string> {
  if (!Number.isInteger(limit) || limit < 0) {
    throw usageError(`${String(limit)} is no number of deployments`, {
      code: "LIMIT_INVALID",
      place: "--limit",
      remedy: "Say how many of the newest: --limit 10",
    });
  }
  const found = await ofEach(delivery, environment, async (name) => {
    const events = await (await delivery.ledger(name)).read({ environment: name });
    return { deployments: environmentState(name, events).deployments, changes: handChanges(events) };
  });
  const all = historyOf(
    found.flatMap(({ deployments }) => deployments),
    found.flatMap(({ changes }) => changes),
  );
  const entries = limit === 0 ? all : all.slice(0, limit);
  return answerOf(format, historyText(entries), historyJson(entries));
}

/** What one deployment changed against another; without names, the last two that were proven. */
export async function diff(
  delivery: Delivery,
  environment: string,
  names: { readonly from: string; readonly to: string },
  format: OutputFormat,
): Promise<string> {
  const [environmentName = environment] = await environmentNames(delivery, environment);
  const { deployments } = await readState({
    environment: environmentName,
    ledger: await delivery.ledger(environmentName),
  });
  const proven = deployments.filter(({ outcome }) => outcome === "succeeded");
  const find = (id: string, otherwise: DeploymentSummary | undefined) => {
    const found = id === "" ? otherwise : deployments.find((deployment) => deployment.id === id);
    if (found !== undefined) return found;
    throw usageError(
      id === "" ? `${environment} has no two proven deployments` : `there is no deployment ${id}`,
      {
        code: "DEPLOYMENT_UNKNOWN",
        place: id === "" ? "--env" : id === names.from ? "--from" : "--to",
        remedy: `${delivery.command} history --env ${environment}`,
      },
    );
  };
  const [from, to] = [find(names.from, proven.at(-2)), find(names.to, proven.at(-1))];
  const range = await commitsBetween(await delivery.git(), from.release.commit, to.release.commit);
  const shown = { from, to, commits: range.complete ? range.commits : null };
  return answerOf(format, diffText(shown), diffJson(shown));
}
