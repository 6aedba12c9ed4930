import { Malformed } from "../ssh/wire.ts";

/**
 * `YYYYMMDD` or `YYYYMMDDHHMM[SS]`, with or without `Z`. Always UTC: the same file must mean the same on every
 * machine, and in a container the system's zone, which ssh-keygen takes without a Z, is UTC.
 * @returns RFC 3339, UTC, with milliseconds: such texts are in the order of time
 * @throws Malformed
 */
export function timestamp(text: string, option: string): string {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:Z|UTC)?$/i.exec(text);
  const [, year = "", month = "", day = "", hour = "00", minute = "00", second = "00"] = match ?? [];
  const spelled = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const date = new Date(spelled);
  // A 31st of February would roll over.
  if (Number.isNaN(date.getTime()) || date.toISOString() !== spelled) {
    throw new Malformed(`${option} is no date: ${JSON.stringify(text)} (write YYYYMMDDZ or YYYYMMDDHHMMSSZ)`);
  }
  return spelled;
}
