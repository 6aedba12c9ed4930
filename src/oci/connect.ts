import { systemClock } from "../model/clock.ts";
import type { Clock } from "../model/clock.ts";
import { usageError } from "../model/errors.ts";
import type { RegistryFetch } from "../model/registry.ts";
import { createAuthorization } from "./authorization.ts";
import type { Credentials } from "./authorization.ts";
import { isLoopbackRegistry } from "./reference.ts";
import type { Reference } from "./reference.ts";
import { createTransport } from "./transport.ts";
import type { Transport } from "./transport.ts";

export interface RepositoryOptions {
  readonly credentials?: Credentials | undefined;
  /** Where the user writes the credentials, for errors: `the secrets REGISTRY_USER and REGISTRY_PASSWORD`. */
  readonly credentialsAt?: string;
  /** Plain HTTP. @default true for a registry on loopback, false for any other, for which true is refused. */
  readonly insecure?: boolean;
  readonly signal?: AbortSignal;
  /** How long nothing may move before an attempt is given up. @default 60000 */
  readonly idleTimeoutMs?: number;
  /** Attempts in all, for what may be repeated. @default 4 */
  readonly attempts?: number;
  /** Blobs above this size are sent in parts of `chunkBytes`. @default 64 MiB and 32 MiB */
  readonly chunkedAboveBytes?: number;
  readonly chunkBytes?: number;
  readonly clock?: Clock;
  /** @default the platform's */
  readonly fetch?: RegistryFetch | undefined;
}

/** The way to the registry of a reference. @throws FairwayError `REGISTRY_INSECURE` */
export function connect(reference: Reference, options: RepositoryOptions): Transport {
  const { registry, repository } = reference;
  const loopback = isLoopbackRegistry(registry);
  if (options.insecure === true && !loopback)
    throw usageError(`${registry} would be spoken to without TLS; only a registry on this machine may be`, {
      code: "REGISTRY_INSECURE",
      place: registry,
      remedy: "put TLS before the registry, or reach it through a port of this machine: 127.0.0.1:<port>",
    });
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  const base = new URL(`${(options.insecure ?? loopback) ? "http" : "https"}://${host}/v2/`);
  const clock = options.clock ?? systemClock;
  const shared = {
    asked: {
      registry,
      repository,
      credentialsAt: options.credentialsAt,
      hasCredentials: options.credentials !== undefined,
    },
    clock,
    signal: options.signal,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    attempts: options.attempts ?? 4,
    fetch: options.fetch ?? fetch,
  };
  const authorization = createAuthorization({
    registry,
    credentials: options.credentials,
    clock,
    getJson: async (url, headers) => {
      const anonymous = { header: () => undefined, answer: () => Promise.resolve(false) };
      const tokens = createTransport({ ...shared, base: url, authorization: anonymous });
      const action = "log in at its token server";
      const response = await tokens.send({
        method: "GET",
        url,
        headers,
        scope: "",
        action,
        expect: [200, 400, 401, 403, 404],
      });
      return { status: response.status, body: new TextDecoder().decode(await tokens.text(response, action)) };
    },
  });
  return createTransport({ ...shared, base, authorization });
}
