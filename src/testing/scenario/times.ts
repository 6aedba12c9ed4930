import { z } from "zod";
import { zoneClocks } from "../../release/gates/windows/zone-clock.ts";

const offset = /^\+(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
const span = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
const wall = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** `2026-12-07T09:00:00Z`, or what the clocks of the scenario's zone show: `2026-12-07T09:00`. */
export const moment = z
  .string()
  .refine(
    isMoment,
    "must be a time such as 2026-12-07T09:00:00Z, or one of the scenario's zone such as 2026-12-07T09:00",
  );

/** The same, or time since the start: `+2h30m`. */
export const time = z
  .string()
  .refine(
    (text) => isMoment(text) || (offset.test(text) && text !== "+"),
    "must be time since the start such as +1d2h30m, or a time such as 2026-12-07T09:00:00Z or 2026-12-07T09:00",
  )
  .describe(
    "Time since the start, `+1d2h30m`, or a time: `2026-12-07T09:00:00Z`, or `2026-12-07T09:00` by the clocks of `zone`.",
  );

/** How long: `90m`, `2h`. */
export const duration = z
  .string()
  .refine((text) => span.test(text) && text !== "", "must be a duration such as 45s, 90m, 2h or 1d12h")
  .transform((text) => secondsIn(span, text))
  .describe("How long: `45s`, `90m`, `2h`, `1d12h`.");

/** How far clocks jump: `+1h`, `-30m`. */
export const jump = z
  .string()
  .refine(
    (text) => /^[+-]/.test(text) && span.test(text.slice(1)) && text.length > 1,
    "must be such as +1h, or -30m",
  )
  .transform((text) => (text.startsWith("-") ? -1 : 1) * secondsIn(span, text.slice(1)))
  .describe("How far all clocks jump, while no time passes: `+1h`, `-30m`.");

/** Reads the times of a scenario. @returns milliseconds since its start, which may be below 0 */
export async function clockOf(
  start: string,
  zone: string,
): Promise<{ readonly start: Date; readonly since: (time: string) => number }> {
  // Long enough for any scenario, and short enough to be laid out at once.
  const near = Date.parse(instant.test(start) ? start : `${start}Z`);
  const clock = (await zoneClocks(near - 3 * dayMs, near + 800 * dayMs))(zone);
  const instantOf = (text: string) =>
    instant.test(text) ? Date.parse(text) : clock.first(Date.parse(`${text}Z`));
  const begin = instantOf(start);
  return {
    start: new Date(begin),
    since: (text) => (offset.test(text) ? 1000 * secondsIn(offset, text) : instantOf(text) - begin),
  };
}

const dayMs = 86_400_000;

function isMoment(text: string): boolean {
  return (
    (instant.test(text) && !Number.isNaN(Date.parse(text))) ||
    (wall.test(text) && !Number.isNaN(Date.parse(`${text}Z`)))
  );
}

function secondsIn(form: RegExp, text: string): number {
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = form.exec(text) ?? [];
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}
