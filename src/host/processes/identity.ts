import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process for certain: a pid alone may be another process by the time that somebody looks. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the kernel started it, in the kernel's own words: start ticks and boot id, or `ps`'s date. */
  readonly startedAt: string;
}

/** The identity of a process that runs now; undefined when none does (a zombie does not run). */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === "linux" ? startOnLinux(pid) : startByPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** True while that very process runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startedAt === identity.startedAt;
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  const identity = identityOf(process.pid);
  if (identity === undefined) throw new Error(`this process (${String(process.pid)}) does not find itself`);
  return identity;
}

/** Field 22 of /proc/<pid>/stat (proc(5)); the name in field 2 may hold spaces and parentheses. */
function startOnLinux(pid: number): string | undefined {
  const stat = readOrNothing(`/proc/${String(pid)}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  if (state === "Z" || state === "X") return undefined;
  const boot = readOrNothing("/proc/sys/kernel/random/boot_id")?.trim().slice(0, 8) ?? "";
  return `${fields[19] ?? ""}@${boot}`;
}

function startByPs(pid: number): string | undefined {
  try {
    const line = execFileSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: "pipe",
    });
    const [state = "", ...date] = line.trim().split(/\s+/);
    return state === "" || state.startsWith("Z") ? undefined : date.join(" ");
  } catch {
    return undefined;
  }
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
