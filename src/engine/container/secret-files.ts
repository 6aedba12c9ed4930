import { chown, open, rm, type FileHandle } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { failure } from "../../model/errors.ts";

const memory = "/dev/shm";

/**
 * A secret as a file that a step can mount and that no disk and no directory holds: it is in memory, has no name any
 * more, and is gone with the process that holds it, however that ends.
 */
export interface SecretFile extends AsyncDisposable {
  /** A path for a bind mount. */
  readonly path: string;
}

export async function secretFile(
  plaintext: string,
  owner: { readonly uid: number; readonly gid: number } | undefined,
  mode: number,
): Promise<SecretFile> {
  const name = join(memory, `fairway-${randomBytes(12).toString("hex")}`);
  let handle: FileHandle | undefined;
  try {
    handle = await open(name, "wx", 0o600);
    await handle.writeFile(plaintext);
    if (owner !== undefined && process.getuid?.() === 0) await chown(name, owner.uid, owner.gid);
    await handle.chmod(mode);
  } catch (error) {
    await handle?.close();
    throw failure(`a secret cannot be given to a step as a file: ${memory} does not take it`, {
      code: "SECRET_FILE",
      remedy: "give this machine a tmpfs at /dev/shm, or give the secret as a variable (withSecretVariable)",
      cause: error,
    });
  } finally {
    await rm(name, { force: true });
  }
  const held = handle;
  return {
    path: `/proc/${String(process.pid)}/fd/${String(held.fd)}`,
    [Symbol.asyncDispose]: () => held.close(),
  };
}
