import { failure, type FairwayError } from "../../model/errors.ts";
import { scrubOf, type Scrub } from "../../model/scrub.ts";
import { reasonOf } from "../dependencies/words.ts";

/** What a source is asked as: where it stands in the config, and what opens it. */
export interface Asking {
  /** `fairway.yaml environments.production.metrics.figures` */
  readonly place: string;
  /** For people: `figures (prometheus)`. */
  readonly source: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly scrub: Scrub;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined where the answer is no JSON. */
  readonly json: unknown;
}

interface Login {
  readonly token?: string | undefined;
  readonly basicAuth?: { readonly username: string; readonly password: string } | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** Names of the values in `--secrets` that a source is asked with. */
export function loginSecretNames({ token, basicAuth }: Omit<Login, "headers">): string[] {
  return [token, basicAuth?.password].filter((name) => name !== undefined);
}

/** @param values of the secrets; one that is missing is told by whoever asks for it */
export function askingOf(
  { place, source }: Pick<Asking, "place" | "source">,
  { token, basicAuth, headers }: Login,
  values: Readonly<Record<string, string>>,
): Asking {
  const authorization = authorizationOf({ token, basicAuth }, values);
  const secrets = loginSecretNames({ token, basicAuth }).flatMap((name) => values[name] ?? []);
  return {
    ...{ place, source },
    headers: {
      "user-agent": "fairway",
      accept: "application/json",
      "cache-control": "no-cache",
      ...headers,
      ...(authorization === undefined ? {} : { authorization }),
    },
    scrub: scrubOf([...secrets, ...(authorization === undefined ? [] : [authorization])]),
  };
}

function authorizationOf(
  { token, basicAuth }: Omit<Login, "headers">,
  values: Readonly<Record<string, string>>,
): string | undefined {
  if (token !== undefined) return `Bearer ${values[token] ?? ""}`;
  if (basicAuth === undefined) return undefined;
  const pair = `${basicAuth.username}:${values[basicAuth.password] ?? ""}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

const timeoutMs = 10_000;
const maxBytes = 8 * 1024 * 1024;

interface Question {
  readonly method: "GET" | "POST";
  /** JSON. */
  readonly body?: string | undefined;
}

/**
 * One request, within ten seconds and eight MiB. Redirects are answers: what opens one door is not shown at another.
 * @param what is asked for, in the words of people
 * @throws FairwayError METRIC_UNREADABLE
 */
export async function askFor(
  url: URL,
  { method, body }: Question,
  what: string,
  asking: Asking,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const answer = await fetch(url, {
      method,
      redirect: "manual",
      headers: { ...asking.headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    return { status: answer.status, headers: answer.headers, json: parsed(await textOf(answer)) };
  } catch (error) {
    signal.throwIfAborted();
    const isLate = error instanceof Error && error.name === "TimeoutError";
    const reason = isLate ? `no answer within ${String(timeoutMs / 1000)} s` : reasonOf(error);
    const remedy = isUntrusted(error)
      ? "Name the authority that signed its certificate before Fairway starts: NODE_EXTRA_CA_CERTS=/path/to/ca.pem."
      : "See whether it runs, and can be reached from here.";
    throw unreadable(asking, what, `${url.host} gave no answer: ${reason}`, remedy);
  }
}

/** A certificate that nobody who is trusted has signed. */
function isUntrusted(error: unknown): boolean {
  const { code } = ((error as Error | null)?.cause ?? {}) as { readonly code?: unknown };
  return /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_UNTRUSTED/.test(String(code));
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop ends the connection.
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`it is larger than ${String(maxBytes / 1024 / 1024)} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** For a status that is no answer. */
export function refused(asking: Asking, what: string, status: number, says: string): FairwayError {
  const remedy =
    status === 401 || status === 403
      ? "Give it a token, or the basicAuth, that may read: both are names of values in --secrets."
      : status >= 300 && status < 400
        ? "Name the address that it leads to: it is not followed."
        : "See what it says to the same question.";
  return unreadable(asking, what, `it answered ${String(status)}${says === "" ? "" : ` (${says})`}`, remedy);
}

/** What a source that died still answers. */
export function tooOld(
  asking: Asking,
  what: string,
  ageSeconds: number,
  maxAgeSeconds: number,
): FairwayError {
  return unreadable(
    asking,
    what,
    `what it has was measured ${String(Math.round(ageSeconds))} s ago, and may be ${String(maxAgeSeconds)} s old at most`,
    "See whether it is still measured. Let maxAgeSeconds be twice as long as it takes to measure again.",
  );
}

/** What was asked, what came of it, and what to do. No secret is in it. */
export function unreadable(
  { place, source, scrub }: Asking,
  what: string,
  came: string,
  remedy: string,
): FairwayError {
  const short = what.length > 300 ? `${what.slice(0, 300)}...` : what;
  const message = scrub(`${source} was asked for ${short}: ${came}`);
  return failure(message, { code: "METRIC_UNREADABLE", place, remedy });
}
