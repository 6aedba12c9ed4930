import { failure, isFairwayError } from "../model/errors.ts";
import type { Clock } from "../model/clock.ts";
import { parseChallenges } from "./challenge.ts";
import type { Challenge } from "./challenge.ts";
import { isLoopbackRegistry } from "./reference.ts";
import { isObject } from "./shape.ts";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A plain GET with time-out and retries, for the token server. */
export type GetJson = (
  url: URL,
  headers: Record<string, string>,
) => Promise<{ status: number; body: string }>;

/**
 * The Authorization header for one repository: nothing until the registry asks, then Basic or a Bearer token of
 * its token server (https://distribution.github.io/distribution/spec/auth/token/).
 */
export interface Authorization {
  header(scope: string): string | undefined;
  /** Reads the challenge of a 401 and prepares the next `header`; false when there is nothing left to try. */
  answer(challenge: string | null, scope: string): Promise<boolean>;
}

export function createAuthorization(options: {
  readonly registry: string;
  readonly credentials: Credentials | undefined;
  readonly clock: Clock;
  readonly getJson: GetJson;
}): Authorization {
  const { credentials, clock } = options;
  const tokens = new Map<string, { readonly token: string; readonly expiresAtMs: number }>();
  let basic = false;

  const requestToken = async (challenge: Challenge, scope: string) => {
    const url = tokenUrl(challenge, scope, options.registry);
    if (credentials !== undefined) url.searchParams.set("account", credentials.username);
    const headers = credentials === undefined ? {} : { authorization: basicHeader(credentials) };
    const { status, body } = await options.getJson(url, headers);
    if (status === 401 || status === 403) return false;
    tokens.set(scope, readToken(options.registry, status, body, clock));
    return true;
  };

  return {
    header(scope) {
      if (basic && credentials !== undefined) return basicHeader(credentials);
      const held = tokens.get(scope);
      return held !== undefined && held.expiresAtMs > clock.now().getTime()
        ? `Bearer ${held.token}`
        : undefined;
    },
    async answer(header, scope) {
      const challenges = parseChallenges(header ?? "");
      const bearer = challenges.find(({ scheme }) => scheme === "bearer");
      if (bearer !== undefined) return requestToken(bearer, scope);
      if (credentials === undefined || basic || !challenges.some(({ scheme }) => scheme === "basic"))
        return false;
      basic = true;
      return true;
    },
  };
}

function basicHeader({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

function tokenUrl(challenge: Challenge, scope: string, registry: string): URL {
  const realm = challenge.parameters["realm"] ?? "";
  if (!URL.canParse(realm)) throw badTokenServer(registry, `names no token server ("${realm}")`);
  const url = new URL(realm);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopbackRegistry(url.host)))
    throw badTokenServer(registry, `names a token server without TLS (${url.origin})`);
  const service = challenge.parameters["service"];
  if (service !== undefined) url.searchParams.set("service", service);
  for (const each of scope.split(" ")) url.searchParams.append("scope", each);
  return url;
}

function readToken(registry: string, status: number, body: string, clock: Clock) {
  try {
    const value: unknown = JSON.parse(body);
    const token = isObject(value) ? (value["token"] ?? value["access_token"]) : undefined;
    if (status !== 200 || !isObject(value) || typeof token !== "string" || token === "")
      throw badTokenServer(registry, `has a token server that answered ${String(status)} without a token`);
    const lifetime = value["expires_in"];
    const seconds = typeof lifetime === "number" && lifetime > 0 ? lifetime : 60;
    // A tenth of its life is left for the request that carries it.
    return { token, expiresAtMs: clock.now().getTime() + seconds * 900 };
  } catch (cause) {
    if (isFairwayError(cause)) throw cause;
    throw badTokenServer(
      registry,
      `has a token server that answered ${String(status)} with what is not JSON`,
    );
  }
}

function badTokenServer(registry: string, fault: string): Error {
  return failure(`${registry} ${fault}`, {
    code: "REGISTRY_AUTHORIZATION",
    place: registry,
    remedy: "this is the registry's configuration: tell the people who run it",
  });
}
