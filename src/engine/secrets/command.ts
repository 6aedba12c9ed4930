import { execFile, type ExecFileException } from "node:child_process";
import { EngineError } from "../errors.ts";
import type { Session } from "../session.ts";

/** What a command line of this machine's shell writes to stdout, with its last newline: a secret of `cmd://`, as Dagger has it. */
export function outputOf(session: Session, command: string): Promise<string> {
  const { workdir, variables } = session.options;
  const options = { cwd: workdir, env: { ...variables }, signal: session.signal, maxBuffer: 1 << 24 };
  return new Promise((resolve, reject) => {
    const child = execFile("/bin/sh", ["-c", command], options, (error, stdout) => {
      if (error === null) resolve(stdout);
      // What it said may hold the secret.
      else
        reject(
          new EngineError(
            `the command of a cmd:// secret failed (${endOf(error)}); run it by hand to see why`,
          ),
        );
    });
    child.stdin?.end();
  });
}

function endOf({ code, signal }: ExecFileException): string {
  if (typeof code === "number") return `exit code ${String(code)}`;
  return signal ?? code ?? "not started";
}
