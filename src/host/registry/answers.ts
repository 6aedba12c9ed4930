import type { IncomingMessage, ServerResponse } from "node:http";
import { isDigest } from "../../oci/oci.ts";

/** An answer of the distribution API's error form. The codes are the specification's. */
export class RegistryRefusal extends Error {
  override readonly name = "RegistryRefusal";
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export function answerJson(
  response: ServerResponse,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length, ...headers });
  response.end(body);
}

export function answerEmpty(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-length": "0", ...headers });
  response.end();
}

/** Any error as an answer. */
export function answerError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const refusal = error instanceof RegistryRefusal ? error : ownFault(error);
  const body = Buffer.from(JSON.stringify({ errors: [{ code: refusal.code, message: refusal.message }] }));
  response.writeHead(refusal.status, {
    "content-type": "application/json",
    "content-length": body.length,
    ...refusal.headers,
  });
  response.end(body);
}

export function notAllowed(method: string): RegistryRefusal {
  const message = `${method} is not supported here; nothing is deleted from this registry`;
  return new RegistryRefusal(405, "UNSUPPORTED", message);
}

export function requireDigest(digest: string): void {
  if (isDigest(digest)) return;
  throw new RegistryRefusal(400, "DIGEST_INVALID", `"${digest.slice(0, 200)}" is no digest`);
}

/** This server's own fault, told without a path or a stack. */
function ownFault(error: unknown): RegistryRefusal {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new RegistryRefusal(507, "UNKNOWN", "the disk of the registry is full");
  return new RegistryRefusal(500, "UNKNOWN", `the registry failed${code === undefined ? "" : `: ${code}`}`);
}

/** A request's body. Who stops in its middle leaves the connection usable: the rest can still be read away. */
export function bytesOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false });
}
