import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, rename, stat, utimes } from "node:fs/promises";
import { basename, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { EngineError } from "../errors.ts";
import { layerKey } from "../files/contents.ts";
import { rootEntry, Tree, type TreeEntry } from "../files/tree.ts";
import type { Session } from "../session.ts";
import type { FileState } from "../states.ts";
import type { Value } from "../values.ts";
import { ask, told, type Answered } from "./request.ts";

export interface Wanted {
  readonly url: string;
  readonly name: string;
  readonly permissions: number;
  /** `sha256:...` */
  readonly checksum: string | null;
  /** The Authorization header. */
  readonly auth: Value<"Secret"> | undefined;
  /** Runs while the file is fetched, and is found by its hostname. */
  readonly service: Value<"Service"> | undefined;
}

/** The file that a server has at this address: fetched once a session, kept by its content. */
export async function fetchFile(session: Session, wanted: Wanted): Promise<FileState> {
  const { url } = wanted;
  const digest = checksumOf(wanted.checksum);
  const held = await session.services.holdFor(wanted.service);
  try {
    await using scratch = await session.store.scratch();
    const authorization = wanted.auth === undefined ? undefined : (await wanted.auth.state()).plaintext;
    const answer = await ask({
      ...{ url, hosts: held.hosts, signal: session.signal },
      ...(authorization === undefined ? {} : { headers: { authorization } }),
    });
    if (answer.status < 200 || answer.status > 299) {
      answer.body.destroy();
      throw new EngineError(
        `${told({ url })}: invalid response status ${String(answer.status)} ${answer.reason}`,
      );
    }
    const path = join(scratch.path, "file");
    const sums = await save(url, answer, path, ["sha256", digest.algorithm]);
    const sum = sums.get(digest.algorithm) ?? "";
    if (digest.hex !== undefined && digest.hex !== sum)
      throw new EngineError(
        `${told({ url })}: checksum mismatch: expected ${digest.algorithm}:${digest.hex}, got ${digest.algorithm}:${sum}`,
      );
    return await keep(session, wanted, path, sums.get("sha256") ?? "", modifiedAt(answer));
  } finally {
    held.release();
  }
}

async function keep(
  session: Session,
  { name, permissions }: Wanted,
  from: string,
  hash: string,
  modifiedAtMs: number,
): Promise<FileState> {
  const { size } = await stat(from);
  const layer = await session.store.ensure(layerKey("http", hash), async (draft) => {
    await chmod(from, permissions);
    await utimes(from, modifiedAtMs / 1000, modifiedAtMs / 1000);
    await rename(from, join(draft.path, "file"));
  });
  const entry = {
    ...{ type: "file" as const, mode: permissions, uid: 0, gid: 0, sizeBytes: size, modifiedAtMs },
    ...{ diskPath: join(layer.path, "file"), hash },
  };
  const entries = new Map<string, TreeEntry>([
    ["", rootEntry],
    [name, entry],
  ]);
  return { contents: new Tree(entries, null), path: `/${name}`, name };
}

/** The last part of the address, where the caller gives no name. */
export function nameIn(url: string): string {
  const path = URL.parse(url)?.pathname ?? "";
  try {
    return basename(decodeURIComponent(path)) || "index";
  } catch {
    return basename(path) || "index";
  }
}

async function save(
  url: string,
  answer: Answered,
  path: string,
  algorithms: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map([...new Set(algorithms)].map((name) => [name, createHash(name)]));
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (const hash of hashes.values()) hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(answer.body, hashing, createWriteStream(path));
  } catch (error) {
    throw new EngineError(`${told({ url })}: ${(error as Error).message}`, { cause: error });
  }
  return new Map([...hashes].map(([name, hash]) => [name, hash.digest("hex")]));
}

function checksumOf(text: string | null): { readonly algorithm: string; readonly hex: string | undefined } {
  if (text === null || text === "") return { algorithm: "sha256", hex: undefined };
  const lengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };
  const [, algorithm = "", hex = ""] = /^(\w+):([0-9a-f]+)$/.exec(text) ?? [];
  if (lengths[algorithm] !== hex.length)
    throw new EngineError(`invalid checksum ${JSON.stringify(text)}: it has the form sha256:<64 hex digits>`);
  return { algorithm, hex };
}

function modifiedAt({ headers }: Answered): number {
  const time = Date.parse(headers["last-modified"] ?? "");
  return Number.isNaN(time) ? 0 : time;
}
