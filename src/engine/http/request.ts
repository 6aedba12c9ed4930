import { request as plain, type IncomingMessage } from "node:http";
import { request as secure } from "node:https";
import { EngineError } from "../errors.ts";
import { dialFault, lookupWith } from "./dial.ts";

export interface Asked {
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Names of services, to their addresses. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface Answered {
  /** Where it came from in the end. */
  readonly url: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: IncomingMessage;
}

const longestSilenceMs = 120_000;
const mostRedirects = 10;

/** Asks a server; follows its redirects, with the authorization only as long as they stay with it. */
export async function ask(asked: Asked): Promise<Answered> {
  let { url, headers = {} } = asked;
  for (let redirects = 0; ; redirects++) {
    const answer = await askOnce({ ...asked, url, headers });
    const to = answer.headers.location;
    if (![301, 302, 303, 307, 308].includes(answer.status) || to === undefined || asked.method === "POST")
      return { ...answer, url };
    answer.body.destroy();
    if (redirects === mostRedirects)
      throw new EngineError(`${told(asked)}: stopped after ${String(mostRedirects)} redirects`);
    const next = new URL(to, url);
    if (next.origin !== new URL(url).origin)
      headers = Object.fromEntries(
        Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"),
      );
    url = next.href;
  }
}

function askOnce(asked: Asked): Promise<Answered> {
  const url = address(asked);
  const send = url.protocol === "https:" ? secure : plain;
  const { method = "GET", signal, body } = asked;
  const headers = {
    "user-agent": "fairway",
    ...asked.headers,
    ...(body === undefined ? {} : { "content-length": String(body.length) }),
  };
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers, signal, lookup: lookupWith(asked.hosts) }, (answer) => {
      resolve({
        ...{
          url: url.href,
          status: answer.statusCode ?? 0,
          reason: answer.statusMessage ?? "",
          body: answer,
        },
        headers: Object.fromEntries(
          Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
        ),
      });
    });
    request.setTimeout(longestSilenceMs, () =>
      request.destroy(new Error(`nothing was said for ${String(longestSilenceMs / 1000)} seconds`)),
    );
    request.once("error", (error) => {
      reject(signal.aborted ? new EngineError("the session was closed") : dialFault(told(asked), error));
    });
    request.end(body);
  });
}

function address(asked: Asked): URL {
  const url = URL.parse(asked.url);
  const scheme = /^(\w[\w+.-]*):/.exec(asked.url)?.[1] ?? "";
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw new EngineError(`${told(asked)}: unsupported protocol scheme ${JSON.stringify(scheme)}`);
  return url;
}

/** `Get "https://..."`, a password in it as x. */
export function told({ url, method = "GET" }: Pick<Asked, "url" | "method">): string {
  const shown = url.replace(/^(\w+:\/\/[^/@:]*):[^/@]*@/, "$1:xxxxx@");
  return `${method === "GET" ? "Get" : "Post"} ${JSON.stringify(shown)}`;
}
