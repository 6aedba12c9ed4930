import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { DiskStore } from "../layers/store.ts";
import type { SandboxSupport } from "./sandbox.ts";

/** How this machine makes a sandbox. */
export interface Mechanics {
  readonly kind: "root" | "user-namespace";
  readonly tools: Tools;
  /** Options of every overlay, with a leading comma. */
  readonly overlayOptions: string;
  /** The file with this machine's name servers. */
  readonly resolvConf: string | undefined;
}

interface Tools {
  readonly sh: string;
  readonly unshare: string;
  readonly mount: string;
  readonly umount: string;
  readonly pivotRoot: string;
  readonly setpriv: string | undefined;
}

export type Probe =
  | { readonly support: Extract<SandboxSupport, { kind: "none" }>; readonly mechanics: undefined }
  | { readonly support: SandboxSupport; readonly mechanics: Mechanics };

/** Tries one real layered `true` in each way, best first, and keeps the first that works. */
export async function probe(store: DiskStore): Promise<Probe> {
  if (process.platform !== "linux") {
    return none(
      `steps run in Linux namespaces, and this is ${process.platform}`,
      "use the real engine: --engine dagger",
    );
  }
  const tools = findTools();
  if (typeof tools === "string") {
    return none(
      `${tools} is missing`,
      "install util-linux and coreutils: apt-get install util-linux coreutils",
    );
  }
  const kinds =
    process.geteuid?.() === 0 ? (["root", "user-namespace"] as const) : (["user-namespace"] as const);
  let said = "";
  for (const kind of kinds) {
    for (const overlayOptions of optionsOf(kind)) {
      const mechanics = { kind, tools, overlayOptions, resolvConf: resolvConf() };
      const problem = await tryLayered(store, mechanics);
      if (problem === undefined) return { support: { kind }, mechanics };
      said ||= problem;
    }
  }
  return refused(said, store.root);
}

/** redirect_dir and metacopy off keep a layer readable without the kernel; volatile spares the disk its syncs. */
function optionsOf(kind: Mechanics["kind"]): string[] {
  const plain =
    kind === "root" ? ",redirect_dir=off,metacopy=off,index=off,xino=off" : ",userxattr,index=off,xino=off";
  return [`${plain},volatile`, plain];
}

/** An overlay whose upper directory is in the store, written through, in the namespaces of a step. */
async function tryLayered(store: DiskStore, mechanics: Mechanics): Promise<string | undefined> {
  await using scratch = await store.scratch();
  for (const name of ["lower", "upper", "work", "m"]) mkdirSync(join(scratch.path, name));
  mkdirSync(join(scratch.path, "lower", "sys"));
  for (const name of ["proc", "usr"]) mkdirSync(join(scratch.path, "lower", name));
  for (const name of ["upper2", "work2"]) mkdirSync(join(scratch.path, name));
  writeFileSync(join(scratch.path, "lower", "file"), "");
  const script = `cd "$1" || exit 1
"$2" -n -i -t overlay -o "lowerdir=lower,upperdir=upper,workdir=work$4" overlay "$1/m" || exit 1
"$2" -n -i -t overlay -o "lowerdir=/usr,upperdir=upper2,workdir=work2$4" overlay "$1/m/usr" || exit 1
"$2" -n -i -t proc proc "$1/m/proc" || exit 1
: >m/made || exit 1
cd m && exec "$3" . sys`;
  const { tools } = mechanics;
  const namespaces = mechanics.kind === "root" ? [] : ["--user", "--map-root-user"];
  return await ranWell(tools.unshare, [
    ...[...namespaces, "--mount", "--pid", "--ipc", "--fork", "--kill-child"],
    ...[tools.sh, "-c", script, "sh", scratch.path, tools.mount, tools.pivotRoot, mechanics.overlayOptions],
  ]);
}

function ranWell(file: string, argv: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(file, argv, { stdio: ["ignore", "ignore", "pipe"], env: { LC_ALL: "C" } });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
    child.on("error", (error) => {
      resolve(error.message);
    });
    child.on("close", (code) => {
      resolve(
        code === 0
          ? undefined
          : (said.split("\n").find((line) => line !== "") ?? `exit code ${String(code)}`),
      );
    });
  });
}

function refused(said: string, root: string): Probe {
  const inside = mountsBelow("/usr");
  if (/\/m\/usr:/.test(said) && inside.length > 0) {
    return none(
      `this machine's /usr cannot be stacked in a user namespace, as it has mounts in it: ${inside.join(", ")}`,
      "run as root, or use the real engine: --engine dagger",
    );
  }
  if (
    /overlay/.test(said) &&
    /wrong fs type|bad option|not supported|Invalid argument|unknown filesystem/.test(said)
  ) {
    return none(
      `the filesystem of ${root} cannot take an overlay's changes (${said})`,
      "set FAIRWAY_CACHE_DIR to a directory on a local disk (ext4, xfs, btrfs or tmpfs), not on an overlay or a network filesystem",
    );
  }
  return none(
    `this machine refuses namespaces or mounts (${said})`,
    "run as root, or allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, " +
      "kernel.apparmor_restrict_unprivileged_userns=0; in Docker: --privileged), or use the real engine: --engine dagger",
  );
}

function mountsBelow(directory: string): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((at) => at.startsWith(`${directory}/`));
}

function none(reason: string, remedy: string): Probe {
  return { support: { kind: "none", reason, remedy }, mechanics: undefined };
}

function findTools(): Tools | string {
  const needed = { sh: "sh", unshare: "unshare", mount: "mount", umount: "umount", pivotRoot: "pivot_root" };
  const found: Record<string, string> = {};
  for (const [key, name] of Object.entries(needed)) {
    const path = findTool(name);
    if (path === undefined) return name;
    found[key] = path;
  }
  return { ...(found as unknown as Omit<Tools, "setpriv">), setpriv: findTool("setpriv") };
}

/** Only of the system's own directories: what a user put into PATH does not exist inside. */
function findTool(name: string): string | undefined {
  return ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].map((folder) => `${folder}/${name}`).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function resolvConf(): string | undefined {
  try {
    const path = realpathSync("/etc/resolv.conf");
    return statSync(path).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}
