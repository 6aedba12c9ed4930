import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isAlive, ownIdentity } from "../../host/processes/processes.ts";
import { failure } from "../../model/errors.ts";

const memory = "/dev/shm";
const prefix = "fairway-secrets";

/** A secret as a file in memory, which a step can mount; gone when it is disposed of. */
export interface SecretFile extends AsyncDisposable {
  readonly path: string;
}

/** Writes the secret where no disk holds it. What a killed process left there is removed by `sweepSecretFiles`. */
export async function secretFile(
  plaintext: string,
  owner: { readonly uid: number; readonly gid: number } | undefined,
  mode: number,
): Promise<SecretFile> {
  const folder = join(memory, ownName());
  const path = join(folder, randomBytes(12).toString("hex"));
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(path, plaintext, { flag: "wx", mode: 0o600 });
    if (owner !== undefined && process.getuid?.() === 0) await chown(path, owner.uid, owner.gid);
    await chmod(path, mode);
  } catch (error) {
    await rm(path, { force: true });
    throw failure(`a secret cannot be given to a step as a file: ${memory} does not take it`, {
      code: "SECRET_FILE",
      remedy: "give this machine a tmpfs at /dev/shm, or give the secret as a variable (withSecretVariable)",
      cause: error,
    });
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

/** Removes what processes that are gone have left. */
export async function sweepSecretFiles(): Promise<void> {
  const names = await readdir(memory).catch(() => []);
  const gone = names.filter((name) => name.startsWith(`${prefix}.`) && !isOfLiving(name));
  await Promise.all(
    gone.map((name) => rm(join(memory, name), { recursive: true, force: true }).catch(() => undefined)),
  );
}

/** Removes this process's folder, unless a session still has a file in it. */
export async function removeSecretFolder(): Promise<void> {
  await rmdir(join(memory, ownName())).catch(() => undefined);
}

function ownName(): string {
  const { pid, startedAt } = ownIdentity();
  return `${prefix}.${String(pid)}.${startedAt}`;
}

function isOfLiving(name: string): boolean {
  const [, pid = "", startedAt = ""] = name.split(".");
  return isAlive({ pid: Number(pid), startedAt });
}
