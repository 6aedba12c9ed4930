import { usageError } from "../model/errors.ts";
import { maintain } from "../release/release.ts";
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
  await maintain(context, { on, reason });
  const text = on
    ? `Visitors of ${environment} are answered 503, until: ${delivery.command} maintenance --env ${environment} --off`
    : `Visitors of ${environment} are let in.`;
  return answerOf(format, text, { environment, maintenance: on });
}
