import type { IncomingMessage, ServerResponse } from "node:http";
import { isRepository } from "../../oci/oci.ts";
import { answerJson, notAllowed, RegistryRefusal } from "./answers.ts";
import { answerBlobRequest } from "./blob-route.ts";
import { answerManifestRequest } from "./manifest-route.ts";
import type { Storage } from "./storage.ts";
import { answerUploadRequest } from "./upload-route.ts";
import type { Uploads } from "./uploads.ts";

/** A request, taken apart. */
export interface RegistryCall {
  readonly method: string;
  readonly repository: string;
  /** Digest, tag or id of an upload; may be empty. */
  readonly name: string;
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The endpoints of the distribution specification, except `/v2/`. Deleting is refused: digests are what is deployed. */
export function createRoutes(storage: Storage, uploads: Uploads) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const method = request.method ?? "GET";
    if (url.pathname === "/v2/_catalog" && method === "GET") {
      answerPage(response, url, "repositories", await storage.repositories());
      return;
    }
    const { kind, repository, name } = endpointOf(url.pathname);
    const call: RegistryCall = { method, repository, name, url, request, response };
    if (kind === "upload") return answerUploadRequest(call, storage, uploads);
    if (kind === "blobs") return answerBlobRequest(call, storage);
    if (kind === "manifests") return answerManifestRequest(call, storage);
    if (method !== "GET") throw notAllowed(method);
    const tags = await storage.tags(repository);
    if (tags === null) throw new RegistryRefusal(404, "NAME_UNKNOWN", `no repository ${repository}`);
    answerPage(response, url, "tags", tags, { name: repository });
  };
}

interface Endpoint {
  readonly kind: "upload" | "blobs" | "manifests" | "tags";
  readonly repository: string;
  readonly name: string;
}

const endpoints: readonly (readonly [Endpoint["kind"], RegExp])[] = [
  ["upload", /^\/v2\/(.+)\/blobs\/uploads(?:\/([^/]*))?$/],
  ["blobs", /^\/v2\/(.+)\/blobs\/([^/]+)$/],
  ["manifests", /^\/v2\/(.+)\/manifests\/([^/]+)$/],
  ["tags", /^\/v2\/(.+)\/tags\/list$/],
];

function endpointOf(path: string): Endpoint {
  for (const [kind, pattern] of endpoints) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const [, repository = "", name = ""] = match;
    if (isRepository(repository)) return { kind, repository, name };
    throw new RegistryRefusal(400, "NAME_INVALID", `"${repository.slice(0, 200)}" is no repository name`);
  }
  throw new RegistryRefusal(404, "UNSUPPORTED", `no such endpoint: ${path.slice(0, 200)}`);
}

/** A list in parts of `n`, after `last`. */
function answerPage(
  response: ServerResponse,
  url: URL,
  name: string,
  all: readonly string[],
  more: object = {},
): void {
  const last = url.searchParams.get("last");
  const count = Number(url.searchParams.get("n") ?? all.length);
  if (!Number.isInteger(count) || count < 0)
    throw new RegistryRefusal(400, "PAGINATION_NUMBER_INVALID", "n is no number");
  const rest = last === null ? all : all.filter((each) => each > last);
  const part = rest.slice(0, count);
  const next = part.at(-1);
  const link = `<${url.pathname}?n=${String(count)}&last=${encodeURIComponent(next ?? "")}>; rel="next"`;
  answerJson(
    response,
    { ...more, [name]: part },
    next !== undefined && part.length < rest.length ? { link } : {},
  );
}
