import { failure } from "../model/errors.ts";
import type { FairwayError } from "../model/errors.ts";
import { isObject } from "./shape.ts";

/** What was asked of which registry, for the words of an error. */
export interface Asked {
  readonly registry: string;
  readonly repository: string;
  /** `push the manifest latest`, `read the blob sha256:...`. */
  readonly action: string;
  /** Where the user writes the credentials: `the secrets REGISTRY_USER and REGISTRY_PASSWORD`. */
  readonly credentialsAt: string | undefined;
  readonly hasCredentials: boolean;
}

/** A failure that may be over when the same is asked again. Never leaves this folder. */
export class TransientFailure extends Error {
  override readonly name = "TransientFailure";
  readonly error: FairwayError;
  /** What the registry asked for by Retry-After. */
  readonly waitMs: number | undefined;

  constructor(error: FairwayError, waitMs?: number) {
    super(error.message);
    this.error = error;
    this.waitMs = waitMs;
  }
}

/** What a registry's answer means to the user. `body` may hold the registry's own `errors[]`. */
export function answerFailure(asked: Asked, status: number, body: string): FairwayError {
  const place = `${asked.registry}/${asked.repository}`;
  const own = ownErrors(body);
  const words =
    own.length === 0 ? "" : ` (${own.map(({ code, message }) => `${code}: ${message}`).join("; ")})`;
  return failure(`${place}: cannot ${asked.action}: the registry answered ${String(status)}${words}`, {
    code: codeOf(status),
    place,
    remedy: remedyOf(asked, status),
  });
}

/** The request did not get an answer. */
export function connectionFailure(asked: Asked, cause: unknown): FairwayError {
  const place = `${asked.registry}/${asked.repository}`;
  const reason = connectionReason(cause);
  return failure(`${place}: cannot ${asked.action}: ${reason}`, {
    code: "REGISTRY_UNREACHABLE",
    place,
    remedy: `see that ${asked.registry} is the right address and that this machine reaches it, then repeat the command`,
    cause,
  });
}

const transientCodes = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);

export function isTransient(cause: unknown): boolean {
  return errorChain(cause).some(
    (error) => error.name === "TimeoutError" || transientCodes.has((error as { code?: string }).code ?? ""),
  );
}

export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && ![501, 505, 507].includes(status));
}

/** The sequence of an error and its causes; fetch hides what happened in the last. */
function errorChain(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let next = error; next instanceof Error && chain.length < 6; next = next.cause) {
    chain.push(next);
    if (next instanceof AggregateError) chain.push(...next.errors.filter((each) => each instanceof Error));
  }
  return chain;
}

function connectionReason(cause: unknown): string {
  const chain = errorChain(cause);
  const told = chain.filter(
    ({ message }) => message !== "" && message !== "fetch failed" && message !== "terminated",
  );
  return (told.at(-1) ?? chain.at(-1))?.message ?? String(cause);
}

function ownErrors(body: string): { code: string; message: string }[] {
  try {
    const value: unknown = JSON.parse(body);
    if (!isObject(value) || !Array.isArray(value["errors"])) return [];
    return value["errors"].filter(isObject).map((error) => ({
      code: short(error["code"], "UNKNOWN"),
      message: short(error["message"], "no message"),
    }));
  } catch {
    return [];
  }
}

function short(value: unknown, otherwise: string): string {
  return typeof value === "string" && value !== "" ? value.replace(/\s+/g, " ").slice(0, 300) : otherwise;
}

function codeOf(status: number): string {
  if (status === 401) return "REGISTRY_UNAUTHORIZED";
  if (status === 403) return "REGISTRY_DENIED";
  if (status === 404) return "REGISTRY_NOT_FOUND";
  if (status === 429) return "REGISTRY_RATE_LIMITED";
  if (status === 507) return "REGISTRY_FULL";
  return status >= 500 ? "REGISTRY_UNAVAILABLE" : "REGISTRY_REFUSED";
}

function remedyOf(asked: Asked, status: number): string {
  const secrets =
    asked.credentialsAt ?? "registry.username and registry.password of the config (names of secrets)";
  if (status === 401)
    return asked.hasCredentials
      ? `the registry does not accept these credentials: renew ${secrets}`
      : `log in: set ${secrets}`;
  if (status === 403)
    return asked.hasCredentials
      ? `give the account of ${secrets} the right to do this in ${asked.repository}`
      : `log in: set ${secrets}`;
  if (status === 404)
    return `see that ${asked.repository} is spelled right and exists; some registries want a repository to be created first`;
  if (status === 429)
    return "wait for some minutes and repeat the command; with credentials the limits are often higher";
  if (status === 507) return "make room on the disk of the registry, then repeat the command";
  if (status >= 500)
    return "the fault is the registry's: repeat the command later; what was pushed is not pushed again";
  return "see the registry's own words above";
}
