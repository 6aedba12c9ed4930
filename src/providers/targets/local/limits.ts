import {
  cgroupSupport,
  createCgroup,
  type Cgroup,
  type CgroupSupport,
} from "../../../host/cgroups/cgroups.ts";
import { memoryOfTree } from "../../../host/processes/processes.ts";
import type { ServiceLimits, ServiceRelease } from "../../../model/plan.ts";
import type { ReplicaProcess } from "./runner.ts";

/** How often a process is looked at that the kernel does not limit. */
const lookEveryMs = 250;
const mebibyte = 1024 * 1024;

/** Starts a process that may take no more than its limits. Where the kernel cannot see to that, its memory is watched. */
export async function startWithin(
  limits: ServiceLimits | undefined,
  start: (cgroup: string | undefined) => Promise<ReplicaProcess>,
  support: () => CgroupSupport = cgroupSupport,
): Promise<ReplicaProcess> {
  if (limits === undefined) return start(undefined);
  const where = support();
  const cgroup = where.kind === "cgroup" ? createCgroup(where.directory, limits) : undefined;
  let process: ReplicaProcess;
  try {
    process = await start(cgroup?.path);
  } catch (error) {
    await cgroup?.remove();
    throw error;
  }
  const watch =
    cgroup === undefined && limits.memoryMiB !== undefined
      ? watchMemory(process, limits.memoryMiB)
      : undefined;
  return { ...process, exited: endOf(process, limits, { cgroup, watch }) };
}

/** What this machine does not limit of what these services ask for; empty when it limits all of it. */
export function limitations(
  services: readonly ServiceRelease[],
  support: () => CgroupSupport = cgroupSupport,
): readonly string[] {
  const limits = services.flatMap((service) => (service.limits === undefined ? [] : [service.limits]));
  const where = limits.length === 0 ? undefined : support();
  if (where?.kind !== "none") return [];
  const sentences = [
    ...(limits.some(({ cpus }) => cpus !== undefined) ? ["CPU is not limited on this machine"] : []),
    ...(limits.some(({ memoryMiB }) => memoryMiB !== undefined)
      ? ["memory is watched: a replica that takes more than its limit is killed and started again"]
      : []),
  ];
  return [`${sentences.join("; ")} (${where.reason})`];
}

async function endOf(
  process: ReplicaProcess,
  { memoryMiB }: ServiceLimits,
  { cgroup, watch }: { readonly cgroup: Cgroup | undefined; readonly watch: MemoryWatch | undefined },
): ReplicaProcess["exited"] {
  const exit = await process.exited;
  watch?.end();
  const isOver = cgroup?.killedForMemory() === true || watch?.exceeded() === true;
  await cgroup?.remove();
  return isOver ? { ...exit, killed: `killed: over its memory limit of ${String(memoryMiB)} MiB` } : exit;
}

interface MemoryWatch {
  exceeded(): boolean;
  end(): void;
}

/** Does what the kernel would. */
function watchMemory(process: ReplicaProcess, memoryMiB: number): MemoryWatch {
  let exceeded = false;
  const timer = setInterval(() => {
    if (exceeded || memoryOfTree(process.processId) <= memoryMiB * mebibyte) return;
    exceeded = true;
    void process.stop(0);
  }, lookEveryMs);
  timer.unref();
  return {
    exceeded: () => exceeded,
    end: () => {
      clearInterval(timer);
    },
  };
}
