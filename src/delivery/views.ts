import { readState } from "../release/release.ts";
import { historyJson, historyText } from "../report/history.ts";
import { lastLive } from "../report/last-live.ts";
import { statusJson, statusText, type EnvironmentStatus } from "../report/status.ts";
import { waitingIn } from "../report/waiting.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import type { Delivery } from "./delivery.ts";
import { environmentNames } from "./environments.ts";

export async function status(delivery: Delivery, environment: string, format: OutputFormat): Promise<string> {
  const statuses: EnvironmentStatus[] = [];
  for (const name of await environmentNames(delivery, environment)) {
    const ledger = await delivery.ledger(name);
    const target = await delivery.target(name);
    const state = await readState({ environment: name, ledger });
    const events = await ledger.read({ environment: name });
    statuses.push({
      state,
      stopped: lastLive(state, events),
      waiting: waitingIn(state, events),
      observed: await target.observe(),
      holder: await ledger.holder(name),
    });
  }
  return answerOf(format, statusText(statuses, delivery.clock.now(), delivery.command), statusJson(statuses));
}

export async function history(
  delivery: Delivery,
  environment: string,
  format: OutputFormat,
): Promise<string> {
  const states = await Promise.all(
    (await environmentNames(delivery, environment)).map(async (name) =>
      readState({ environment: name, ledger: await delivery.ledger(name) }),
    ),
  );
  const deployments = states.flatMap((state) => state.deployments);
  return answerOf(format, historyText(deployments), historyJson(deployments));
}
