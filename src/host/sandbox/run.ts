import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, fchmodSync, openSync, unlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { DiskStore } from "../layers/store.ts";
import { MergedView } from "../layers/view.ts";
import { SandboxStartError } from "./errors.ts";
import { planMounts, type MountPlan } from "./mounts.ts";
import { certificateMounts, hostsFile, networkVariables } from "./network.ts";
import type { PipePool } from "./pipes.ts";
import { hasOthers } from "./processes.ts";
import { isShellName, scriptOf } from "./script.ts";
import type { SandboxExit, SandboxMount, SandboxRequest } from "./sandbox.ts";
import { joinUppers, settleUppers } from "./settle.ts";
import type { Mechanics } from "./support.ts";
import { resolveUser, type StepUser } from "./user.ts";

export interface Surroundings {
  readonly store: DiskStore;
  readonly mechanics: Mechanics;
  readonly pipes: PipePool;
}

/** A sandbox whose program has been started. */
export interface Started {
  /** Numbers on this machine: of unshare, of the namespace's init, of the program. */
  readonly processIds: { readonly outer: number; readonly init: number; readonly main: number };
  /** After the program has ended, everything is settled and nothing is left. */
  readonly exited: Promise<SandboxExit>;
  /** Ends everything at once. */
  kill(): void;
  /** From now on, the end of the program waits for those that it left running, at most until `kill`. */
  linger(): void;
}

/** @throws SandboxStartError when the program could not be started for the request's fault */
export async function startSandbox(request: SandboxRequest, around: Surroundings): Promise<Started> {
  request.signal?.throwIfAborted();
  const { store, mechanics } = around;
  const stack = [...(request.standIn?.stack ?? []), ...request.stack];
  store.use([...stack, ...request.mounts.flatMap((mount) => (mount.kind === "stack" ? mount.stack : []))]);
  const scratch = await store.scratch();
  try {
    const view = new MergedView(stack);
    const user = await resolveUser(request.user, view);
    const variables = { HOME: user.home, ...networkVariables(process.env), ...request.variables };
    const plan = await planRun(request, stack, view, variables, scratch.path, mechanics);
    writeFileSync(join(scratch.path, "fstab"), plan.fstab);
    const odd = Object.entries(variables).filter(([name]) => !isShellName(name));
    const script = scriptOf({
      scratch: scratch.path,
      tools: mechanics.tools,
      command:
        odd.length === 0
          ? request.command
          : ["env", ...odd.map(([name, value]) => `${name}=${value}`), ...request.command],
      variables,
      workdir: request.workdir,
      user,
      hasInput: request.stdin !== undefined,
      become: become(user, mechanics),
    });
    return await launch(script, request, plan, scratch, around);
  } catch (error) {
    await scratch[Symbol.asyncDispose]();
    throw error;
  }
}

async function planRun(
  request: SandboxRequest,
  stack: SandboxRequest["stack"],
  view: MergedView,
  variables: Readonly<Record<string, string>>,
  scratch: string,
  mechanics: Mechanics,
): Promise<MountPlan> {
  const hosts = join(scratch, "hosts");
  writeFileSync(hosts, hostsFile(request.hosts, hostname()));
  const network: SandboxMount[] = [
    { kind: "bind", target: "/etc/hosts", source: hosts, readOnly: false },
    ...(mechanics.resolvConf === undefined
      ? []
      : [
          { kind: "bind", target: "/etc/resolv.conf", source: mechanics.resolvConf, readOnly: true } as const,
        ]),
    ...certificateMounts(variables, (path) => view.entry(path) !== undefined),
  ];
  return planMounts({
    scratch,
    stack,
    upper: request.upper,
    mounts: [...network, ...request.mounts],
    overlayOptions: mechanics.overlayOptions,
    userNamespace: mechanics.kind === "user-namespace",
  });
}

/** Docker's default capabilities but for mknod: enough for what images do, too few to touch this machine. */
const keptCapabilities =
  "chown,dac_override,fsetid,fowner,net_raw,setgid,setuid,setfcap,setpcap,net_bind_service,sys_chroot,kill,audit_write";

function become(user: StepUser, mechanics: Mechanics): string[] {
  if (mechanics.kind === "user-namespace") return [];
  const { setpriv, unshare } = mechanics.tools;
  const isRoot = user.uid === 0 && user.gid === 0 && user.groups.length === 0;
  if (setpriv === undefined)
    return isRoot ? [] : [unshare, `--setgid=${String(user.gid)}`, `--setuid=${String(user.uid)}`, "--"];
  const identity = [
    `--reuid=${String(user.uid)}`,
    `--regid=${String(user.gid)}`,
    user.groups.length === 0 ? "--clear-groups" : `--groups=${user.groups.join(",")}`,
  ];
  const bounding = `--bounding-set=-all,+${keptCapabilities.replaceAll(",", ",+")}`;
  return [setpriv, ...identity, "--inh-caps=-all", bounding, "--"];
}

async function launch(
  script: string,
  request: SandboxRequest,
  plan: MountPlan,
  scratch: AsyncDisposable & { readonly path: string },
  { mechanics, pipes }: Surroundings,
): Promise<Started> {
  const [out, err] = await Promise.all([pipes.output(), pipes.output()]);
  const input =
    request.stdin === undefined ? undefined : inputFile(join(scratch.path, "input"), request.stdin);
  const namespaces = mechanics.kind === "root" ? [] : ["--user", "--map-root-user"];
  const child = spawn(
    mechanics.tools.unshare,
    [...namespaces, "--mount", "--pid", "--ipc", "--fork", "--kill-child", mechanics.tools.sh],
    {
      cwd: "/",
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
      stdio: ["pipe", out.theirs, err.theirs, input ?? "ignore", "pipe"] as const,
      detached: true,
    },
  );
  for (const fd of [out.theirs, err.theirs, input]) if (fd !== undefined) closeSync(fd);
  out.ours.on("data", (chunk: Buffer) => {
    request.onOutput("stdout", chunk);
  });
  err.ours.on("data", (chunk: Buffer) => {
    request.onOutput("stderr", chunk);
  });
  return converse(child, script, request, plan, scratch, [out.ours, err.ours]);
}

/** A file without a name: a program may open its /dev/stdin anew, which would wait for ever on a named pipe. */
function inputFile(path: string, content: string | Uint8Array): number {
  writeFileSync(path, content, { mode: 0o600 });
  const file = openSync(path, "r");
  fchmodSync(file, 0o444);
  unlinkSync(path);
  return file;
}

/** Hands over the script and follows what the namespace's init says. */
function converse(
  child: ChildProcess,
  script: string,
  request: SandboxRequest,
  plan: MountPlan,
  scratch: AsyncDisposable,
  outputs: readonly Duplex[],
): Promise<Started> {
  const life = child.stdin!;
  const control = child.stdio[4] as Duplex;
  const gone = ended(child, outputs);
  life.on("error", () => undefined);
  control.on("error", () => undefined);
  life.write(script);

  let init: number | undefined;
  let exitCode: number | undefined;
  let lingering = false;
  let said = "";
  let fault: unknown;
  const kill = () => {
    killProcess(init);
    killProcess(child.pid);
  };
  const onAbort = () => {
    kill();
  };
  request.signal?.addEventListener("abort", onAbort, { once: true });

  return new Promise((resolve, reject) => {
    let started = false;
    const exited = (async (): Promise<SandboxExit> => {
      try {
        await gone;
        await joinUppers(plan);
        if (fault !== undefined) throw fault as Error;
        if (request.signal?.aborted === true) request.signal.throwIfAborted();
        return { exitCode: exitCode ?? 137 };
      } finally {
        request.signal?.removeEventListener("abort", onAbort);
        await scratch[Symbol.asyncDispose]();
      }
    })();
    exited.catch(() => undefined);

    const onLine = (line: string) => {
      const [word, first, second] = line.split(" ");
      if (word === "started") {
        started = true;
        init = Number(first);
        const processIds = { outer: child.pid!, init, main: Number(second) };
        resolve({ processIds, exited, kill, linger: () => (lingering = true) });
      } else if (word === "exited" && started) {
        exitCode = Number(first);
        void untilAlone(init!, () => lingering).then(() => control.write("\n"));
      } else if (word === "quiet" && started) {
        settleUppers(plan, init!)
          .catch((error: unknown) => (fault = error))
          .finally(() => control.write("\n"));
      } else {
        said += `${line}\n`;
        if (word === "exited") kill();
      }
    };
    readLines(control, onLine);
    child.once("error", (error) => {
      fault = error;
    });
    void gone.then(async () => {
      if (started) return;
      await exited.catch(() => undefined);
      if (request.signal?.aborted === true) reject(request.signal.reason as Error);
      else reject(fault instanceof Error ? fault : new SandboxStartError(startFailure(said)));
    });
  });
}

function startFailure(said: string): string {
  const text = said
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("exited ") && !line.includes("dmesg(1)"))
    .join("; ");
  return `the sandbox could not be set up: ${text === "" ? "it ended at once" : text}`;
}

function ended(child: ChildProcess, outputs: readonly Duplex[]): Promise<void> {
  const streams = outputs.map(
    (stream) =>
      new Promise<void>((resolve) => {
        stream.once("close", () => {
          resolve();
        });
      }),
  );
  const exit = new Promise<void>((resolve) => {
    child.once("exit", () => {
      resolve();
    });
    child.once("error", () => {
      resolve();
    });
  });
  return Promise.all([...streams, exit]).then(() => undefined);
}

/** While a stop is under way, what the program left running gets its time too. */
async function untilAlone(init: number, isLingering: () => boolean): Promise<void> {
  while (isLingering() && hasOthers(init)) await new Promise((resolve) => setTimeout(resolve, 20));
}

function readLines(stream: Duplex, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    lines.forEach(onLine);
  });
  stream.on("end", () => {
    if (rest !== "") onLine(rest);
  });
}

function killProcess(processId: number | undefined): void {
  if (processId === undefined) return;
  try {
    process.kill(processId, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
