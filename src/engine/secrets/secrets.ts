import { createHmac, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { EngineError } from "../errors.ts";
import { refusal } from "../validation.ts";
import type { Session } from "../session.ts";
import type { Value } from "../values.ts";

/** Makes ids of equal secrets equal within a process, and tells nothing about the text outside of it. */
const processKey = randomBytes(32);

/** A secret whose text the client gives. Steps are cached by its name, as on the real engine. */
export function secretOf(session: Session, name: string, plaintext: string): Value<"Secret"> {
  remember(session, plaintext);
  return session.values.of({
    ...{ type: "Secret", operation: "Query.setSecret", arguments: [name, fingerprint(plaintext)] },
    make: () => Promise.resolve({ name, uri: "", cacheName: `name:${name}`, plaintext }),
  });
}

/** A secret that the session fetches itself: `env://NAME`, `file://path`. */
export function secretFrom(session: Session, uri: string, cacheKey: string | undefined): Value<"Secret"> {
  const match = /^(\w+):\/\/(.*)$/s.exec(uri);
  if (match === null) throw new EngineError(`parse ${JSON.stringify(uri)}: malformed id`);
  const [, scheme = "", rest = ""] = match;
  return session.values.of({
    ...{ type: "Secret", operation: "Query.secret", arguments: [uri, cacheKey ?? null] },
    make: async () => {
      const plaintext = await fetchSecret(session, scheme, rest);
      remember(session, plaintext);
      return {
        name: "",
        uri,
        cacheName: cacheKey === undefined ? `uri:${uri}` : `key:${cacheKey}`,
        plaintext,
      };
    },
  });
}

async function fetchSecret(session: Session, scheme: string, rest: string): Promise<string> {
  if (scheme === "env") {
    const value = session.options.variables[rest];
    if (value === undefined)
      throw new EngineError(`secret env var not found: ${JSON.stringify(`${rest.slice(0, 3)}...`)}`);
    return value;
  }
  if (scheme === "file") {
    const path = resolve(
      session.options.workdir,
      rest.replace(/^~(?=\/)/, session.options.variables.HOME ?? "~"),
    );
    return readFile(path, "utf8").catch((error: unknown) => {
      throw new EngineError(
        `failed to read secret file ${path}: ${(error as NodeJS.ErrnoException).code ?? "unreadable"}`,
      );
    });
  }
  if (["cmd", "vault", "op", "libsecret", "aws"].includes(scheme))
    throw new EngineError(refusal(`Query.secret(uri: "${scheme}://...")`));
  throw new EngineError(`unsupported secret provider: ${JSON.stringify(scheme)}`);
}

function remember(session: Session, plaintext: string): void {
  if (plaintext !== "") session.secretTexts.add(plaintext);
}

function fingerprint(plaintext: string): string {
  return createHmac("sha256", processKey).update(plaintext).digest("hex");
}
