import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Stack } from "../layers/layers.ts";
import type { DiskStore } from "../layers/store.ts";
import { MergedView } from "../layers/view.ts";
import { bareTop, explainMissing, isBare } from "./bare.ts";
import { launch, type Started } from "./launch.ts";
import { becomeUser } from "./identity.ts";
import { planMounts, type MountPlan } from "./mounts.ts";
import { certificateMounts, hostsFile, networkVariables } from "./network.ts";
import type { PipePool } from "./pipes.ts";
import { isShellName, scriptOf } from "./script.ts";
import type { SandboxMount, SandboxRequest } from "./sandbox.ts";
import { userlandLayers } from "./stand-ins/userland.ts";
import type { Mechanics } from "./support.ts";
import { resolveUser } from "./user.ts";

export interface Surroundings {
  readonly store: DiskStore;
  readonly mechanics: Mechanics;
  readonly pipes: PipePool;
}

/**
 * Decides everything of a run, then starts it.
 * @throws SandboxStartError when the program cannot be started for a fault of the request
 */
export async function startSandbox(request: SandboxRequest, around: Surroundings): Promise<Started> {
  request.signal?.throwIfAborted();
  const { store, mechanics } = around;
  const stack = [...(request.standIn?.stack ?? []), ...request.stack];
  store.use([...stack, ...request.mounts.flatMap((mount) => (mount.kind === "stack" ? mount.stack : []))]);
  const view = new MergedView(stack);
  const user = await resolveUser(request.user, view);
  const variables: Readonly<Record<string, string>> = {
    HOME: user.home,
    ...networkVariables(process.env),
    ...request.variables,
  };
  const base = isBare(stack) ? await userlandLayers(store) : undefined;
  const workdir = base === undefined ? request.workdir : view.resolve(request.workdir).path;
  const missing =
    base === undefined
      ? undefined
      : explainMissing(view, request.command[0] ?? "", workdir, variables["PATH"]);
  const odd = Object.entries(variables).filter(([name]) => !isShellName(name));

  const scratch = await store.scratch();
  try {
    const plan = await planRun(request, stack, base, view, variables, scratch.path, mechanics);
    writeFileSync(join(scratch.path, "fstab"), plan.fstab);
    const script = scriptOf({
      scratch: scratch.path,
      tools: mechanics.tools,
      command: request.command,
      prefix: [
        ...(odd.length === 0 ? [] : ["/usr/bin/env", ...odd.map(([name, value]) => `${name}=${value}`)]),
        ...becomeUser(user, mechanics, base === undefined ? undefined : { root: bareTop, workdir }),
      ],
      variables,
      workdir: base === undefined ? workdir : join(bareTop, workdir),
      owner: user.owner,
      cgroup: request.cgroup,
      hasInput: request.stdin !== undefined,
      lookup: base === undefined ? "inside" : { missing },
    });
    return await launch(script, request, plan, scratch, around);
  } catch (error) {
    await scratch[Symbol.asyncDispose]();
    throw error;
  }
}

async function planRun(
  request: SandboxRequest,
  stack: Stack,
  base: Stack | undefined,
  view: MergedView,
  variables: Readonly<Record<string, string>>,
  scratch: string,
  { resolvConf, overlayOptions, kind }: Mechanics,
): Promise<MountPlan> {
  const hosts = join(scratch, "hosts");
  writeFileSync(hosts, hostsFile(request.hosts, hostname()));
  const network: SandboxMount[] = [
    { kind: "bind", target: "/etc/hosts", source: hosts, readOnly: false },
    ...certificateMounts(variables, (path) => view.entry(path) !== undefined),
  ];
  if (resolvConf !== undefined)
    network.push({ kind: "bind", target: "/etc/resolv.conf", source: resolvConf, readOnly: true });
  return planMounts({
    scratch,
    stack,
    base,
    upper: request.upper,
    mounts: [...network, ...(request.standIn?.mounts ?? []), ...request.mounts],
    overlayOptions,
    userNamespace: kind === "user-namespace",
  });
}
