import type { Clock } from "../model/clock.ts";
import { failure } from "../model/errors.ts";
import type { RegistryFetch } from "../model/registry.ts";
import type { Authorization } from "./authorization.ts";
import {
  answerFailure,
  connectionFailure,
  isTransient,
  isTransientStatus,
  TransientFailure,
} from "./failures.ts";
import type { Asked } from "./failures.ts";
import { isLoopbackRegistry } from "./reference.ts";
import { idleTimeout, retryAfterMs, within } from "./timeouts.ts";

export interface RegistryRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "PATCH";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Opened anew for each attempt. */
  readonly body?: { readonly sizeBytes: number; open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array> };
  /** `repository:acme/api:pull,push` */
  readonly scope: string;
  /** For errors: `push the manifest latest`. */
  readonly action: string;
  /** Statuses that the caller reads itself; any other is thrown. */
  readonly expect: readonly number[];
  /** False for what must not be sent twice as it is. */
  readonly repeatable?: boolean;
}

export interface Transport {
  readonly base: URL;
  /** Attempts in all, for what may be repeated. */
  readonly attempts: number;
  send(request: RegistryRequest): Promise<Response>;
  /** Repeats `work` after a TransientFailure, and ends with the FairwayError in it. */
  retried<T>(work: () => Promise<T>): Promise<T>;
  /** The answer's bytes, each awaited for `idleTimeoutMs` at most. Throws a TransientFailure when they break off. */
  bytes(response: Response, action: string): AsyncGenerator<Uint8Array, void, undefined>;
  /** A whole small answer. */
  text(response: Response, action: string, maxBytes?: number): Promise<Uint8Array>;
}

export interface TransportOptions {
  readonly base: URL;
  readonly asked: Omit<Asked, "action">;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** How long nothing may move, in either direction. */
  readonly idleTimeoutMs: number;
  /** Attempts in all. */
  readonly attempts: number;
  readonly authorization: Authorization;
  readonly fetch: RegistryFetch;
}

const maxRedirects = 5;
const maxWaitMs = 30_000;
const mebibyte = 1 << 20;

/** Requests with authorization, time-outs and retries. Credentials go to `base`'s origin and to no other. */
export function createTransport(options: TransportOptions): Transport {
  const { base, authorization, idleTimeoutMs } = options;
  const askedOf = (action: string): Asked => ({ ...options.asked, action });

  const send = async (request: RegistryRequest) => {
    const once = async () => read(request, await authorized(request));
    return request.repeatable === false ? once() : retried(once);
  };

  const retried = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof TransientFailure)) throw error;
        const waitMs = error.waitMs ?? 200 * 2 ** (attempt - 1);
        if (attempt >= options.attempts || waitMs > maxWaitMs) throw error.error;
        await options.clock.sleep(waitMs, options.signal);
      }
    }
  };

  /** The expected answer, or the error that it means. */
  const read = async (request: RegistryRequest, response: Response) => {
    if (request.expect.includes(response.status)) return response;
    const body = await text(response, request.action, mebibyte).catch(() => new Uint8Array());
    const error = answerFailure(askedOf(request.action), response.status, new TextDecoder().decode(body));
    throw isTransientStatus(response.status)
      ? new TransientFailure(error, retryAfterMs(response, options.clock))
      : error;
  };

  const authorized = async (request: RegistryRequest) => {
    for (let tries = 0; ; tries++) {
      const response = await redirected(request);
      if (response.status !== 401 || tries === 2 || request.url.origin !== base.origin) return response;
      const body = await text(response, request.action, mebibyte).catch(() => new Uint8Array());
      if (!(await authorization.answer(response.headers.get("www-authenticate"), request.scope)))
        throw answerFailure(askedOf(request.action), 401, new TextDecoder().decode(body));
    }
  };

  const redirected = async (request: RegistryRequest) => {
    let url = safeUrl(request.url, base, askedOf(request.action));
    for (let hops = 0; ; hops++) {
      const response = await attempt(request, url);
      const location = response.headers.get("location");
      const moved = [301, 302, 303, 307, 308].includes(response.status);
      if (!moved || location === null || (request.method !== "GET" && request.method !== "HEAD"))
        return response;
      await response.body?.cancel();
      if (hops === maxRedirects) throw tooManyRedirects(askedOf(request.action));
      url = safeUrl(new URL(location, url), base, askedOf(request.action));
    }
  };

  const attempt = async (request: RegistryRequest, url: URL) => {
    const timeout = idleTimeout(idleTimeoutMs);
    const signal =
      options.signal === undefined ? timeout.signal : AbortSignal.any([options.signal, timeout.signal]);
    const secret = url.origin === base.origin ? authorization.header(request.scope) : undefined;
    try {
      return await options.fetch(url, {
        method: request.method,
        headers: {
          "user-agent": "fairway",
          ...request.headers,
          ...(secret === undefined ? {} : { authorization: secret }),
          ...(request.body === undefined ? {} : { "content-length": String(request.body.sizeBytes) }),
        },
        redirect: "manual",
        signal,
        ...bodyOf(request, timeout.touch),
      });
    } catch (cause) {
      if (options.signal?.aborted === true) throw options.signal.reason;
      const error = connectionFailure(askedOf(request.action), cause);
      throw isTransient(cause) ? new TransientFailure(error) : error;
    } finally {
      timeout.clear();
    }
  };

  async function* bytes(response: Response, action: string): AsyncGenerator<Uint8Array, void, undefined> {
    const reader = response.body?.getReader();
    if (reader === undefined) return;
    try {
      for (;;) {
        const next = await within(reader.read(), idleTimeoutMs);
        if (next.done) return;
        yield next.value;
      }
    } catch (cause) {
      if (options.signal?.aborted === true) throw options.signal.reason;
      const error = connectionFailure(askedOf(action), cause);
      throw isTransient(cause) ? new TransientFailure(error) : error;
    } finally {
      // Also when the consumer stops early: the connection must not wait for a reader.
      await reader.cancel().catch(() => undefined);
    }
  }

  const text = async (response: Response, action: string, maxBytes = 8 * mebibyte) => {
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    try {
      for await (const chunk of bytes(response, action)) {
        sizeBytes += chunk.byteLength;
        if (sizeBytes > maxBytes) throw tooLarge(askedOf(action), maxBytes);
        chunks.push(chunk);
      }
    } catch (error) {
      throw error instanceof TransientFailure ? error.error : error;
    }
    return new Uint8Array(Buffer.concat(chunks));
  };

  return { base, attempts: options.attempts, send, retried, bytes, text };
}

function bodyOf(request: RegistryRequest, touch: () => void): RequestInit {
  const { body } = request;
  if (body === undefined) return {};
  if (body.sizeBytes === 0) return { body: new Uint8Array() };
  const touched = async function* () {
    for await (const chunk of body.open()) {
      touch();
      yield chunk;
    }
    touch();
  };
  return { body: ReadableStream.from(touched()), duplex: "half" };
}

/** Where a registry sends us. Its own address without TLS is a proxy's mistake; any other without TLS is refused. */
function safeUrl(url: URL, base: URL, asked: Asked): URL {
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopbackRegistry(url.host))) return url;
  if (url.protocol === "http:" && url.hostname === base.hostname)
    return new URL(url.href.replace("http:", "https:"));
  throw failure(`${asked.registry} leads to ${url.origin}, which has no TLS`, {
    code: "REGISTRY_REFUSED",
    place: asked.registry,
    remedy: "this is the registry's configuration: tell the people who run it",
  });
}

function tooManyRedirects(asked: Asked): Error {
  return failure(`${asked.registry} redirects more than ${String(maxRedirects)} times to ${asked.action}`, {
    code: "REGISTRY_REFUSED",
    place: asked.registry,
    remedy: "this is the registry's configuration: tell the people who run it",
  });
}

function tooLarge(asked: Asked, maxBytes: number): Error {
  return failure(
    `${asked.registry}/${asked.repository}: the answer to "${asked.action}" is larger than ${String(maxBytes)} bytes`,
    {
      code: "REGISTRY_REFUSED",
      place: asked.registry,
      remedy: "a manifest may have 4 MiB by the specification: see that this is an image",
    },
  );
}
