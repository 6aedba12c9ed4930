import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { failure, type FairwayError } from "../../../../model/errors.ts";
import { hidden } from "../../../git/git.ts";

/** An HTTP API that a token opens. */
export interface ApiAccess {
  /** `https://argocd.example.com`, also with a path before `/api`. */
  readonly url: string;
  readonly token: string;
  /** For errors: `the value ARGOCD_TOKEN in --secrets`. */
  readonly tokenAt: string;
  /** Certificates (PEM) of an authority that this machine does not know. */
  readonly ca?: string | undefined;
}

/** No answer, or one that may be another in a moment. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

const timeoutMs = 20_000;
const maxBytes = 32 << 20;

/**
 * Reads one JSON object.
 * @param who how the API is called in messages
 * @throws NoAnswer; FairwayError HEALTH_REFUSED for what asking again does not mend
 */
export async function readApi(
  who: string,
  path: string,
  access: ApiAccess,
  signal: AbortSignal,
): Promise<unknown> {
  const url = `${access.url.replace(/\/+$/, "")}${path}`;
  const { status, location, body } = await answer(url, access, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    if (/CERT|UNABLE_TO_/.test(String((error as { code?: unknown }).code))) throw untrusted(who, url, error);
    throw new NoAnswer(`${who} does not answer: ${hidden(reasonOf(error), access.token)}`);
  });
  if (status === 200) return parsed(who, url, body);
  const words = hidden(wordsOf(body), access.token);
  const message = `${who} answered ${status}${words === "" ? "" : `: ${words}`}`;
  if (status === 408 || status === 429 || status >= 500) throw new NoAnswer(message);
  const remedies: Readonly<Record<number, string>> = {
    401: `renew ${access.tokenAt}`,
    403: `give ${access.tokenAt} the right to read it, or see that its name is spelled right`,
    404: "see that its name is spelled right",
  };
  const moved = location === null ? "" : `it is at ${hidden(location, access.token)}: `;
  throw failure(message, {
    code: "HEALTH_REFUSED",
    place: url,
    remedy: remedies[status] ?? `${moved}see that ${access.url} is the address of its API`,
  });
}

interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly body: string;
}

/** Not over fetch, which takes no certificates. */
function answer(url: string, { token, ca }: ApiAccess, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept: "application/json", "user-agent": "fairway" };
    const options = { agent: false as const, timeout: timeoutMs, signal, headers };
    const onResponse = (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxBytes) response.destroy(new Error(`the answer has more than ${maxBytes >> 20} MiB`));
      });
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode = 0, headers: its } = response;
        resolve({
          status: statusCode,
          location: its.location ?? null,
          body: Buffer.concat(chunks).toString(),
        });
      });
    };
    const call =
      new URL(url).protocol === "https:"
        ? getHttps(url, { ...options, ...(ca === undefined ? {} : { ca }) }, onResponse)
        : getHttp(url, options, onResponse);
    call.on("timeout", () => call.destroy(new Error(`no answer for ${timeoutMs / 1000} seconds`)));
    call.on("error", reject);
  });
}

function parsed(who: string, url: string, body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (cause) {
    throw failure(`what answers there is not ${who}: it does not speak JSON`, {
      code: "HEALTH_REFUSED",
      place: url,
      remedy: "see that this is the address of its API, as its command line has it",
      cause,
    });
  }
}

/** Argo CD's and Kubernetes' errors are JSON with a message. */
function wordsOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === "string" ? message.replace(/\s+/g, " ").slice(0, 300) : "";
  } catch {
    return "";
  }
}

function untrusted(who: string, url: string, cause: unknown): FairwayError {
  return failure(`${who} is not who it says it is: ${reasonOf(cause)}`, {
    code: "HEALTH_REFUSED",
    place: url,
    remedy: "give the certificates of its authority under ca, the name of a value in --secrets",
    cause,
  });
}

/** An address with several IPs fails with an error for each, and no words of its own. */
function reasonOf(error: unknown): string {
  const last: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  // Node adds hints about its own flags after a semicolon.
  return last instanceof Error ? (last.message.split("; ")[0] ?? "") : String(last);
}
