import { spawn } from "node:child_process";
import {
  closeSync,
  fchmodSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { converse, type Started } from "./conversation.ts";
import type { MountPlan } from "./mounts.ts";
import type { PipePool } from "./pipes.ts";
import type { SandboxRequest } from "./sandbox.ts";
import type { Mechanics } from "./support.ts";

export type { Started } from "./conversation.ts";

type Scratch = AsyncDisposable & { readonly path: string };

/** Starts the namespaces with the script as their first process. */
export async function launch(
  script: string,
  request: SandboxRequest,
  plan: MountPlan,
  scratch: Scratch,
  { mechanics, pipes }: { readonly mechanics: Mechanics; readonly pipes: PipePool },
): Promise<Started> {
  const [out, err] = await Promise.all([pipes.output(), pipes.output()]);
  const input =
    request.stdin === undefined ? undefined : inputFile(join(scratch.path, "input"), request.stdin);
  const shield = shieldFromInherited();
  const namespaces = mechanics.kind === "root" ? [] : ["--user", "--map-root-user"];
  const child = spawn(
    mechanics.tools.unshare,
    [...namespaces, "--mount", "--pid", "--ipc", "--fork", "--kill-child", mechanics.tools.sh],
    {
      cwd: "/",
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
      stdio: ["pipe", out.theirs, err.theirs, input ?? "ignore", "pipe", ...shield.stdio],
      detached: true,
    },
  );
  for (const file of [out.theirs, err.theirs, input, shield.file]) if (file !== undefined) closeSync(file);
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

/**
 * Descriptors that we were started with and did not ask for would be handed on, and may be directories of this
 * machine: /dev/null takes their place.
 */
function shieldFromInherited(): { readonly stdio: ("ignore" | number)[]; readonly file: number | undefined } {
  const inherited = inheritedDescriptors();
  if (inherited.length === 0) return { stdio: [], file: undefined };
  const file = openSync("/dev/null", "r+");
  const stdio = Array.from({ length: Math.max(...inherited) - 4 }, (_, index) =>
    inherited.includes(index + 5) ? file : "ignore",
  );
  return { stdio, file };
}

const closeOnExec = 0o2000000;
const largest = 1023;

function inheritedDescriptors(): number[] {
  return readdirSync("/proc/self/fd")
    .map(Number)
    .filter((file) => file > 4 && file <= largest && !isClosedOnExec(file));
}

function isClosedOnExec(file: number): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${String(file)}`, "latin1");
    return (Number.parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? "0", 8) & closeOnExec) !== 0;
  } catch {
    return true;
  }
}
