import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failure, usageError } from "../../model/errors.ts";
import { approvalNamespace, verifySshSignature } from "../../release/gates/approvals/approvals.ts";
import type { SigningKey } from "./signing-key.ts";

export interface SignedApproval {
  /** The armored text. */
  readonly signature: string;
  /** `SHA256:...` of the key that signed. */
  readonly fingerprint: string;
}

export interface SigningOptions {
  /** Gets what ssh-keygen says meanwhile: to touch a security key, why a key cannot be read. */
  readonly say?: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Signs as `ssh-keygen -Y sign` does, by asking it: so agents, security keys and passphrases work as they do for git. It
 * asks for a passphrase on the terminal by itself. What it made is verified before it is handed on.
 * @throws FairwayError SSH_KEYGEN_MISSING (exit 2), SIGNING_FAILED (exit 1)
 */
export async function signWithSshKeygen(
  statement: string,
  key: SigningKey,
  options: SigningOptions = {},
): Promise<SignedApproval> {
  // A file and not standard input: ssh-keygen has to find the terminal there when it asks for a passphrase.
  const directory = await mkdtemp(join(tmpdir(), "fairway-approve-"));
  try {
    const file = join(directory, "statement");
    await writeFile(file, statement, { mode: 0o600 });
    await sshKeygen([...["-Y", "sign", "-n", approvalNamespace], "-f", await keyFile(key, directory), file], {
      ...options,
      key,
    });
    const signature = await readFile(`${file}.sig`, "utf8");
    const answer = verifySshSignature(signature, statement, approvalNamespace);
    if (answer.ok) return { signature, fingerprint: answer.key.fingerprint };
    throw signingFailed(`${told(key)} signed, but this signature would count for nothing: ${answer.why}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Where ssh-keygen finds the key; for one in an agent, its public half. */
async function keyFile(key: SigningKey, directory: string): Promise<string> {
  if (key.kind === "file") return key.path;
  const path = join(directory, "key.pub");
  await writeFile(path, `${key.publicKey}\n`, { mode: 0o600 });
  return path;
}

async function sshKeygen(
  args: readonly string[],
  { key, say, signal }: SigningOptions & { readonly key: SigningKey },
): Promise<void> {
  const child = spawn("ssh-keygen", ["-q", ...args], { stdio: ["inherit", "ignore", "pipe"], signal });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    say?.(text);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw usageError("This machine has no ssh-keygen, which signs approvals.", {
      code: "SSH_KEYGEN_MISSING",
      remedy: "Install OpenSSH's client (package openssh-client), 8.2 or newer.",
      cause: error,
    });
  });
  if (code !== 0) throw signingFailed(`${told(key)} did not sign.`, said.trim());
}

function signingFailed(message: string, output?: string) {
  return failure(message, {
    code: "SIGNING_FAILED",
    ...(output ? { output } : {}),
    remedy: "Name another key with --key, or load it: ssh-add <private key>",
  });
}

function told(key: SigningKey): string {
  return key.kind === "file" ? key.path : `The agent's key ${key.publicKey.split(" ").slice(0, 2).join(" ")}`;
}
