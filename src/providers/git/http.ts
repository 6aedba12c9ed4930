import { Buffer } from "node:buffer";
import type { HttpClient } from "isomorphic-git";
import { answerFailure, connectionFailure, movedFailure, type GitPlace } from "./failures.ts";

/** Longer than any honest answer takes; a server that hangs does not hold a deploy for ever. */
const requestTimeoutMs = 120_000;

/**
 * How isomorphic-git asks a server: over fetch, with the token in each request, and in requests to this address only.
 * Whatever is no success is thrown, in words for the user.
 */
export function gitHttp(
  place: GitPlace,
  username: string,
  signal: AbortSignal,
  onAnswer: (answer: Response) => void = () => undefined,
): HttpClient {
  const { token } = place;
  const authorization =
    token === null
      ? {}
      : { authorization: `Basic ${Buffer.from(`${username}:${token}`).toString("base64")}` };
  return {
    request: async ({ url, method = "GET", headers = {}, body }) => {
      signal.throwIfAborted();
      const sent = body === undefined ? undefined : await collected(body);
      let response: Response;
      let answer: Buffer;
      try {
        response = await fetch(url, {
          method,
          headers: { ...headers, ...authorization },
          ...(sent === undefined ? {} : { body: sent }),
          redirect: "manual",
          signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
        });
        answer = Buffer.from(await response.arrayBuffer());
      } catch (error) {
        signal.throwIfAborted();
        throw connectionFailure(place, error);
      }
      onAnswer(response);
      if (response.status >= 300 && response.status < 400)
        throw movedFailure(place, response.headers.get("location"));
      if (response.status !== 200) throw answerFailure(place, response.status, answer.toString());
      return {
        url,
        method,
        statusCode: response.status,
        statusMessage: response.statusText,
        headers: Object.fromEntries(response.headers),
        body: once(isAdvertisement(url, headers) ? withHead(answer) : answer),
      };
    },
  };
}

function isAdvertisement(url: string, headers: Readonly<Record<string, string>>): boolean {
  return url.endsWith("/info/refs?service=git-upload-pack") && headers["Git-Protocol"] === undefined;
}

/**
 * isomorphic-git's fetch fails where the server names no HEAD, as one does whose default branch is not there. So one is added,
 * to what it does not use otherwise.
 * @see https://github.com/isomorphic-git/isomorphic-git/issues/1654
 */
function withHead(advertisement: Buffer): Buffer {
  const text = advertisement.toString("latin1");
  const [oid] = /[0-9a-f]{40}(?= refs\/)/.exec(text) ?? [];
  if (oid === undefined || / HEAD[\0\n]/.test(text) || !text.endsWith("0000")) return advertisement;
  return Buffer.from(`${text.slice(0, -4)}0032${oid} HEAD\n0000`, "latin1");
}

async function collected(body: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

async function* once(chunk: Uint8Array): AsyncIterableIterator<Uint8Array> {
  yield chunk;
}
