import { isIP } from "node:net";
import { connect, type DetailedPeerCertificate } from "node:tls";
import type { DependencyAnswer, DependencyQuestion } from "../../model/dependency.ts";
import type { DependencyCheck } from "../../model/plan.ts";
import { cutOff } from "./cut-off.ts";
import { reasonOf } from "./words.ts";

type CertificateCheck = Extract<DependencyCheck, { kind: "certificate" }>;

const dayMs = 86_400_000;

/** How long the certificates that a server shows are still good. One that cannot be seen is insufficient. */
export async function askCertificate(
  check: CertificateCheck,
  { now, timeoutMs, signal }: Pick<DependencyQuestion, "now" | "timeoutMs" | "signal">,
): Promise<DependencyAnswer> {
  try {
    return judgeCertificates(await shownBy(check, timeoutMs, signal), check, now);
  } catch (error) {
    return { verdict: "insufficient", says: `cannot be seen: ${reasonOf(error)}` };
  }
}

interface Shown {
  readonly subject: string;
  readonly from: Date;
  readonly until: Date;
}

/** The first of a chain that ends is the end of all of it. */
export function judgeCertificates(
  shown: readonly Shown[],
  { minDays }: Pick<CertificateCheck, "minDays">,
  now: Date,
): DependencyAnswer {
  const [first] = shown.toSorted((a, b) => a.until.getTime() - b.until.getTime());
  if (first === undefined) return { verdict: "insufficient", says: "the server shows none" };
  const early = shown.find(({ from }) => from > now);
  const lasting = true;
  if (early !== undefined)
    return { verdict: "fail", says: `${early.subject} is not good before ${dayOf(early.from)}`, lasting };
  const daysLeft = Math.floor((first.until.getTime() - now.getTime()) / dayMs);
  if (first.until <= now)
    return { verdict: "fail", says: `${first.subject} has expired on ${dayOf(first.until)}`, lasting };
  const left = `${first.subject} expires on ${dayOf(first.until)}, in ${String(daysLeft)} days`;
  if (first.until.getTime() - now.getTime() < minDays * dayMs)
    return { verdict: "fail", says: `${left}; it has to be good for ${String(minDays)}`, lasting };
  return { verdict: "pass", says: left };
}

function shownBy(
  { host, port }: CertificateCheck,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly Shown[]> {
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const socket = connect({
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      // Whether it is trusted depends on who asks; how long it is good does not. Nothing is sent over it.
      rejectUnauthorized: false,
    });
    const keep = cutOff(limit, () => {
      socket.destroy();
      reject(new Error(`no answer within ${String(timeoutMs)} ms`));
    });
    socket.once("error", reject);
    socket.once("close", () => {
      keep();
      reject(new Error("the connection was closed"));
    });
    socket.once("secureConnect", () => {
      resolve(chainOf(socket.getPeerCertificate(true)));
      socket.destroy();
    });
  });
}

/** The last one is its own issuer. */
function chainOf(first: DetailedPeerCertificate): readonly Shown[] {
  const shown: Shown[] = [];
  const seen = new Set<string>();
  // Of a server that shows none, or of an issuer that it does not send, there are no fields at all.
  let next: Partial<DetailedPeerCertificate> | undefined = first;
  while (isShown(next) && !seen.has(next.fingerprint256)) {
    seen.add(next.fingerprint256);
    shown.push({
      subject: nameOf(next),
      from: new Date(next.valid_from),
      until: new Date(next.valid_to),
    });
    next = next.issuerCertificate;
  }
  return shown;
}

function isShown(
  certificate: Partial<DetailedPeerCertificate> | undefined,
): certificate is DetailedPeerCertificate {
  return certificate?.valid_to !== undefined && certificate.fingerprint256 !== undefined;
}

function nameOf({ subject }: DetailedPeerCertificate): string {
  const name: string | string[] | undefined = subject.CN ?? subject.O;
  return name === undefined ? "it" : JSON.stringify(String(name));
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
