import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Where an environment keeps what it has, below its state directory. */
export interface EnvironmentPaths {
  readonly root: string;
  readonly state: string;
  readonly supervisor: string;
  readonly supervisorLog: string;
  readonly logs: string;
  readonly postgres: string;
  readonly backups: string;
  readonly socket: string;
  /** Names this environment on this machine: the mark of its replicas. */
  readonly id: string;
}

export function pathsOf(root: string): EnvironmentPaths {
  const real = existsSync(root) ? realpathSync(root) : resolve(root);
  const id = createHash("sha256").update(real).digest("hex").slice(0, 16);
  return {
    root: real,
    state: join(real, "state.json"),
    supervisor: join(real, "supervisor"),
    supervisorLog: join(real, "logs", "supervisor.log"),
    logs: join(real, "logs"),
    postgres: join(real, "postgres"),
    backups: join(real, "backups"),
    socket: socketPath(join(real, "supervisor", "control.sock"), id),
    id,
  };
}

/** The address of a socket has at most 107 bytes (unix(7)), 103 on other systems: a deep project gets a short one. */
function socketPath(wanted: string, id: string): string {
  if (Buffer.byteLength(wanted) <= 100) return wanted;
  return join(tmpdir(), `fairway-${String(process.getuid?.() ?? 0)}-${id}`, "control.sock");
}
