import { usageError } from "../model/errors.ts";
import { ago } from "../report/text.ts";
import { maintain, type DoneByHand } from "../release/release.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import { openRelease } from "./candidate.ts";
import type { Delivery } from "./delivery.ts";

export interface MaintenanceOptions {
  readonly on: boolean;
  readonly off: boolean;
  readonly reason: string;
}

/** Keeps visitors out by hand, until it is taken back by hand. */
export async function maintenance(
  delivery: Delivery,
  environment: string,
  { on, off, reason }: MaintenanceOptions,
  format: OutputFormat,
): Promise<string> {
  if (on === off) {
    throw usageError("maintenance is put on or off", {
      code: "MAINTENANCE_AMBIGUOUS",
      place: "--on",
      remedy: `${delivery.command} maintenance --env ${environment} --on`,
    });
  }
  const { context } = await openRelease(delivery, environment, null);
  const before = await maintain(context, { on, reason });
  if (before !== null) {
    return answerOf(format, alreadyText(before, environment, on, delivery), {
      ...{ environment, maintenance: on, already: true },
      since: before.at,
      actor: before.actor,
    });
  }
  const text = on
    ? `Visitors of ${environment} are answered 503, until: ${delivery.command} maintenance --env ${environment} --off`
    : `Visitors of ${environment} are let in.`;
  return answerOf(format, text, { environment, maintenance: on });
}

/** Nothing was done: who did it before, when and why, is what whoever asks again wants to know. */
function alreadyText(
  { actor, at, reason }: DoneByHand,
  environment: string,
  on: boolean,
  { clock, command }: Pick<Delivery, "clock" | "command">,
): string {
  const why = reason === "" ? "" : `: ${reason}`;
  const who = `${actor}, ${ago(at, clock.now())}${why}`;
  return on
    ? `Visitors of ${environment} are kept out already: ${who}\nLet them in: ${command} maintenance --env ${environment} --off`
    : `Visitors of ${environment} are in already: they were let in by ${who}`;
}
