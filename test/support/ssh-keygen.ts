import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why the real ssh-keygen cannot be asked here; null where it can. */
export const noSshKeygen: string | null =
  spawnSync("ssh-keygen", ["-Y", "check-novalidate"]).error === undefined
    ? null
    : "this machine has no ssh-keygen";

export interface TemporaryDirectory extends Disposable {
  readonly path: string;
  write(name: string, content: string, mode?: number): string;
}

export function temporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), "fairway-ssh-"));
  return {
    path,
    write: (name, content, mode = 0o600) => {
      mkdirSync(join(path, name, ".."), { recursive: true });
      writeFileSync(join(path, name), content, { mode });
      return join(path, name);
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Whether the real `ssh-keygen -Y verify` (or `check-novalidate`, without signers) takes it, on a machine in UTC. */
export function realVerdict(input: {
  readonly message: string;
  readonly signature: string;
  readonly signers?: string;
  readonly principal?: string;
  readonly namespace?: string;
}): boolean {
  using directory = temporaryDirectory();
  const signature = directory.write("signature", input.signature);
  const who =
    input.signers === undefined
      ? ["check-novalidate"]
      : [
          "verify",
          "-f",
          directory.write("signers", input.signers),
          "-I",
          input.principal ?? "ada@example.com",
        ];
  const { status } = spawnSync(
    "ssh-keygen",
    ["-Y", ...who, "-n", input.namespace ?? "fairway-approval", "-s", signature],
    { input: input.message, env: { ...process.env, TZ: "UTC" } },
  );
  return status === 0;
}
