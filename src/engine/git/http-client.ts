import type { HttpClient } from "isomorphic-git";
import { EngineError } from "../errors.ts";
import { ask } from "../http/request.ts";
import { collected, withHead } from "./advertisement.ts";

export interface Reach {
  /** Names of services, to their addresses. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** How isomorphic-git asks a server over HTTP: a repository that has moved is asked where it is now. */
export function httpClient(reach: Reach & { readonly authorization: string | undefined }): HttpClient {
  const { authorization, hosts, signal } = reach;
  let moved: { readonly from: string; readonly to: string } | undefined;
  return {
    request: async ({ url, method = "GET", headers = {}, body }) => {
      const isFirst = url.includes("/info/refs?");
      const target = moved === undefined ? url : url.replace(moved.from, moved.to);
      const isMovedAway = moved !== undefined && new URL(moved.from).origin !== new URL(moved.to).origin;
      const answer = await ask({
        ...{ url: target, method: method === "POST" ? "POST" : "GET", hosts, signal },
        headers: {
          ...headers,
          ...(authorization === undefined || isMovedAway ? {} : { authorization }),
        },
        ...(body === undefined ? {} : { body: await collected(body) }),
      });
      if (answer.status !== 200) {
        answer.body.destroy();
        throw new EngineError(told(baseOf(url), answer.status));
      }
      if (isFirst && answer.url !== target) moved = { from: baseOf(url), to: baseOf(answer.url) };
      return {
        ...{ url, method, statusCode: answer.status, statusMessage: answer.reason, headers: answer.headers },
        body: isFirst ? withHead(await collected(answer.body)) : answer.body[Symbol.asyncIterator](),
      };
    },
  };
}

/** The repository's own address. */
function baseOf(url: string): string {
  return url.replace(/\/info\/refs\?.*$|\/git-upload-pack$/, "");
}

function told(url: string, status: number): string {
  if (status === 401 || status === 403)
    return `git error: ${url}: authentication required (${String(status)}): give httpAuthToken to git()`;
  if (status === 404) return `git error: repository ${url} not found (404)`;
  return `git error: ${url}: the server answered ${String(status)}`;
}
