import { createHash, randomUUID } from "node:crypto";
import type { Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { RegistryRefusal } from "./answers.ts";
import { digestOfFile } from "./storage.ts";
import type { Storage } from "./storage.ts";

/** Blobs on their way in. An upload lives in a draft, so it can be continued after the registry was restarted. */
export interface Uploads {
  start(): Promise<string>;
  /** Bytes received so far. */
  sizeOf(id: string): Promise<number>;
  /** Appends; `from`, when known, must be the size so far. Answers the new size. */
  append(id: string, bytes: AsyncIterable<Buffer>, from?: number): Promise<number>;
  /** Ends the upload: the bytes become the blob when they have this digest, else they are thrown away. */
  finish(id: string, digest: string): Promise<void>;
  cancel(id: string): Promise<void>;
}

interface Session {
  sizeBytes: number;
  /** Of the bytes so far. */
  hash: Hash;
  /** Requests of one upload go one after the other. */
  turn: Promise<unknown>;
}

export function createUploads(storage: Storage): Uploads {
  const sessions = new Map<string, Session>();
  const draftOf = (id: string) => join(storage.drafts, id);

  const sessionOf = async (id: string) => {
    const known = sessions.get(id);
    if (known !== undefined) return known;
    const found = /^[0-9a-f-]{36}$/.test(id) ? await stat(draftOf(id)).catch(() => null) : null;
    if (found === null) throw new RegistryRefusal(404, "BLOB_UPLOAD_UNKNOWN", `no upload ${id.slice(0, 80)}`);
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(draftOf(id))) hash.update(chunk as Buffer);
    const session = sessions.get(id) ?? { sizeBytes: found.size, hash, turn: Promise.resolve() };
    sessions.set(id, session);
    return session;
  };

  const inTurn = async <T>(id: string, work: (session: Session) => Promise<T>): Promise<T> => {
    const session = await sessionOf(id);
    const result = session.turn.then(() => work(session));
    session.turn = result.catch(() => undefined);
    return result;
  };

  const discard = async (id: string) => {
    sessions.delete(id);
    await rm(draftOf(id), { force: true });
  };

  return {
    async start() {
      const id = randomUUID();
      await (await open(draftOf(id), "wx", 0o600)).close();
      sessions.set(id, { sizeBytes: 0, hash: createHash("sha256"), turn: Promise.resolve() });
      return id;
    },
    sizeOf: (id) => inTurn(id, (session) => Promise.resolve(session.sizeBytes)),
    append: (id, bytes, from) =>
      inTurn(id, async (session) => {
        if (from !== undefined && from !== session.sizeBytes)
          throw new RegistryRefusal(
            416,
            "BLOB_UPLOAD_INVALID",
            `the upload has ${String(session.sizeBytes)} bytes`,
            {
              range: rangeOf(session.sizeBytes),
              location: `./${id}`,
            },
          );
        const handle = await open(draftOf(id), "r+");
        try {
          for await (const chunk of bytes) {
            await writeAll(handle, chunk, session.sizeBytes).catch(async (error: unknown) => {
              // A full disk stays full while half a blob lies on it.
              await discard(id);
              throw error;
            });
            session.hash.update(chunk);
            session.sizeBytes += chunk.length;
          }
          await handle.sync();
        } finally {
          await handle.close();
        }
        return session.sizeBytes;
      }),
    finish: (id, digest) =>
      inTurn(id, async (session) => {
        const algorithm = digest.slice(0, digest.indexOf(":"));
        const found =
          algorithm === "sha256"
            ? `sha256:${session.hash.copy().digest("hex")}`
            : await digestOfFile(draftOf(id), algorithm);
        if (found !== digest) {
          await discard(id);
          throw new RegistryRefusal(
            400,
            "DIGEST_INVALID",
            `the ${String(session.sizeBytes)} bytes have the digest ${found}, not ${digest}`,
          );
        }
        await storage.adoptBlob(draftOf(id), digest);
        sessions.delete(id);
      }),
    cancel: (id) => inTurn(id, () => discard(id)),
  };
}

/** The Range header of an upload: the last byte's place; an empty one has none that could be told. */
export function rangeOf(sizeBytes: number): string {
  return `0-${String(Math.max(0, sizeBytes - 1))}`;
}

async function writeAll(
  handle: Awaited<ReturnType<typeof open>>,
  chunk: Buffer,
  position: number,
): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, position + written);
    written += bytesWritten;
  }
}
