import { createHmac, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { EngineError } from "../errors.ts";
import { outputOf } from "./command.ts";
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

/** A secret that the session fetches itself, each time that it is asked for: `env://NAME`, `file://path`, `cmd://command`. */
export async function secretFrom(
  session: Session,
  uri: string,
  cacheKey: string | undefined,
): Promise<Value<"Secret">> {
  const match = /^(\w+):\/\/(.*)$/s.exec(uri);
  if (match === null) throw new EngineError(`parse ${JSON.stringify(uri)}: malformed id`);
  const [, scheme = "", rest = ""] = match;
  const plaintext = await fetchSecret(session, scheme, rest);
  remember(session, plaintext);
  // A step that has seen another value runs again; the store's own key tells nothing about the value elsewhere.
  const key = await storeKey(session);
  const cacheName =
    cacheKey === undefined
      ? `uri:${uri}:${createHmac("sha256", key).update(plaintext).digest("hex")}`
      : `key:${cacheKey}`;
  return session.values.of({
    ...{ type: "Secret", operation: "Query.secret", arguments: [uri, cacheName, fingerprint(plaintext)] },
    make: () => Promise.resolve({ name: "", uri, cacheName, plaintext }),
  });
}

async function storeKey(session: Session): Promise<Buffer> {
  if (session.disk === undefined) return processKey;
  const path = join(session.store.root, "secret-fingerprint-key");
  await writeFile(path, randomBytes(32), { flag: "wx", mode: 0o600 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  });
  return readFile(path);
}

async function fetchSecret(session: Session, scheme: string, rest: string): Promise<string> {
  if (scheme === "env") {
    const value = session.options.variables[rest];
    if (value === undefined)
      throw new EngineError(
        `rpc error: code = Unknown desc = secret env var not found: ${JSON.stringify(`${rest.slice(0, 3)}...`)}`,
      );
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
  if (scheme === "cmd") {
    session.needsDisk();
    return outputOf(session, rest);
  }
  if (["vault", "op", "libsecret", "aws"].includes(scheme))
    throw new EngineError(refusal(`Query.secret(uri: "${scheme}://...")`));
  throw new EngineError(`unsupported secret provider: ${JSON.stringify(scheme)}`);
}

function remember(session: Session, plaintext: string): void {
  if (plaintext !== "") session.secretTexts.add(plaintext);
}

function fingerprint(plaintext: string): string {
  return createHmac("sha256", processKey).update(plaintext).digest("hex");
}
