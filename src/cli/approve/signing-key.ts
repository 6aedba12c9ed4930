import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { usageError } from "../../model/errors.ts";

/** A key file (private, or public for one in an agent), or a public key whose private half an agent has. */
export type SigningKey =
  { readonly kind: "file"; readonly path: string } | { readonly kind: "agent"; readonly publicKey: string };

export interface KeyPlaces {
  /** Where a relative path starts; the git configuration there counts. */
  readonly directory: string;
  readonly home: string;
  /** A file or a public key that a person named; `""` for none. */
  readonly named?: string;
}

const usual = ["id_ed25519", "id_ed25519_sk", "id_ecdsa", "id_ecdsa_sk", "id_rsa"];

/**
 * The key to sign with: the one that was named, else git's (`user.signingkey` when `gpg.format` is ssh), else the first
 * usual one in ~/.ssh.
 * @throws FairwayError SIGNING_KEY_MISSING (exit 2)
 */
export function findSigningKey({ directory, home, named = "" }: KeyPlaces): SigningKey {
  if (named !== "") return existing(keyOf(named, directory, home), "--key");
  const ofGit = gitConfig(directory, "gpg.format") === "ssh" ? gitConfig(directory, "user.signingkey") : null;
  if (ofGit !== null) return existing(keyOf(ofGit, directory, home), "git's user.signingkey");
  const candidates = usual.flatMap((name) => [join(home, ".ssh", name), join(home, ".ssh", `${name}.pub`)]);
  const path = candidates.find((candidate) => existsSync(candidate));
  if (path !== undefined) return { kind: "file", path };
  throw usageError("There is no key to sign with: none in ~/.ssh, and git has no user.signingkey for SSH.", {
    code: "SIGNING_KEY_MISSING",
    remedy: "Name one with --key, or make one: ssh-keygen -t ed25519",
  });
}

/** As git reads it: `key::ssh-ed25519 AAAA...` and `ssh-...` are public keys, anything else is a path. */
function keyOf(value: string, directory: string, home: string): SigningKey {
  const literal = /^(?:key::)(.*)$/s.exec(value)?.[1] ?? (value.startsWith("ssh-") ? value : null);
  if (literal !== null) return { kind: "agent", publicKey: literal.trim() };
  const path = value.startsWith("~/") ? join(home, value.slice(2)) : resolve(directory, value);
  return { kind: "file", path };
}

function existing(key: SigningKey, source: string): SigningKey {
  if (key.kind === "agent" || existsSync(key.path)) return key;
  throw usageError(`${source} names a key that is not there.`, {
    code: "SIGNING_KEY_MISSING",
    place: key.path,
    remedy: "Name one with --key: a private key, or the public key of one that your agent has.",
  });
}

/** Null where git or the setting is missing. */
function gitConfig(directory: string, name: string): string | null {
  const { status, stdout } = spawnSync("git", ["config", "--get", name], {
    cwd: directory,
    encoding: "utf8",
    timeout: 10_000,
  });
  return status === 0 && stdout.trim() !== "" ? stdout.trim() : null;
}
