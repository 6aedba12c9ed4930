import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  chmodSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { Layer, LayerDraft, LayerStore } from "../../layers/layers.ts";
import { addMetadata } from "../../layers/metadata.ts";

/** What changes when this file changes what it makes. */
const version = 1;

/** Top directories of a Linux userland that programs come from. */
const userland = ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"];

/** Of this machine's /etc: what programs need to run, and nothing that could be a secret. */
const copiedEtc = [
  ...[
    "ld.so.conf",
    "ld.so.conf.d",
    "ld.so.cache",
    "alternatives",
    "ssl/certs",
    "ssl/openssl.cnf",
    "ca-certificates.conf",
    "ca-certificates",
  ],
  ...[
    "pki/tls/certs",
    "pki/ca-trust/extracted",
    "nsswitch.conf",
    "protocols",
    "services",
    "rpc",
    "os-release",
    "alpine-release",
  ],
  ...[
    "debian_version",
    "localtime",
    "mime.types",
    "magic",
    "host.conf",
    "gai.conf",
    "bash.bashrc",
    "inputrc",
    "login.defs",
  ],
];

/** Of this machine's /usr: what an image would not have (its node is not the one that is asked for). */
const hiddenUsr = [
  ...[
    "node",
    "nodejs",
    "npm",
    "npx",
    "corepack",
    "pnpm",
    "pnpx",
    "yarn",
    "yarnpkg",
    "bun",
    "deno",
    "docker",
  ].map((name) => `usr/bin/${name}`),
  ...[
    "usr/lib/node_modules",
    "usr/etc/npmrc",
    "usr/share/nodejs",
    "usr/share/node_modules",
    "usr/lib/nodejs",
  ],
];

/** The layer at the bottom of every stand-in: an image's skeleton over this machine's /usr. */
export function baseLayer(store: LayerStore): Promise<Layer> {
  return store.ensure(`base:${hostFingerprint()}`, makeBase);
}

async function makeBase(draft: LayerDraft): Promise<void> {
  const root = draft.path;
  const host: Record<string, string> = {};
  for (const name of userland) {
    const stats = lstatSync(`/${name}`, { throwIfNoEntry: false });
    if (stats?.isSymbolicLink() === true) symlinkSync(readlinkSync(`/${name}`), join(root, name));
    else if (stats?.isDirectory() === true) {
      mkdirSync(join(root, name));
      host[name] = `/${name}`;
    }
  }
  makeDirectories(root);
  makeDevices(root);
  makeEtc(root);
  await addMetadata(root, { host });
}

function makeDirectories(root: string): void {
  const plain = [
    "etc",
    "dev",
    "dev/pts",
    "dev/shm",
    "proc",
    "sys",
    "home",
    "run",
    "opt",
    "srv",
    "mnt",
    "media",
    "boot",
  ];
  const below = ["var", "var/cache", "var/lib", "var/log", "var/mail", "var/spool", "var/opt", "run/lock"];
  for (const name of [...plain, ...below]) mkdirSync(join(root, name), { mode: 0o755 });
  symlinkSync("/run", join(root, "var/run"));
  symlinkSync("/run/lock", join(root, "var/lock"));
  for (const [name, mode] of [
    ["root", 0o700],
    ["tmp", 0o1777],
    ["var/tmp", 0o1777],
  ] as const) {
    mkdirSync(join(root, name));
    chmodSync(join(root, name), mode);
  }
}

/** Empty files that the devices are mounted on, and the links that every image has. */
function makeDevices(root: string): void {
  for (const name of ["null", "zero", "full", "random", "urandom", "tty"])
    writeFileSync(join(root, "dev", name), "");
  const links = {
    fd: "/proc/self/fd",
    stdin: "/proc/self/fd/0",
    stdout: "/proc/self/fd/1",
    stderr: "/proc/self/fd/2",
    ptmx: "pts/ptmx",
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, "dev", name));
}

function makeEtc(root: string): void {
  const etc = join(root, "etc");
  for (const name of copiedEtc) copyPublic(join("/etc", name), join(etc, name));
  writeFileSync(join(etc, "passwd"), passwd);
  writeFileSync(join(etc, "group"), group);
  writeFileSync(join(etc, "shells"), "/bin/sh\n");
  for (const name of ["hosts", "resolv.conf", "hostname"]) writeFileSync(join(etc, name), "");
  symlinkSync("/proc/mounts", join(etc, "mtab"));
}

/** Copies files that everyone may read, links as they are. A private key is neither. */
function copyPublic(from: string, to: string): void {
  const stats = lstatSync(from, { throwIfNoEntry: false });
  if (stats === undefined) return;
  mkdirSync(dirname(to), { recursive: true });
  if (stats.isSymbolicLink()) symlinkSync(linkTarget(from), to);
  else if (stats.isDirectory()) {
    if ((stats.mode & 0o005) !== 0o005) return;
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(from)) copyPublic(join(from, name), join(to, name));
  } else if (stats.isFile() && (stats.mode & 0o004) !== 0 && !isPrivateKey(from)) {
    cpSync(from, to, { mode: 0 });
    chmodSync(to, stats.mode & 0o7777);
  }
}
function linkTarget(path: string): string {
  return readlinkSync(path);
}
function isPrivateKey(path: string): boolean {
  return statSync(path).size < 100_000 && readFileSync(path, "latin1").includes("PRIVATE KEY-----");
}

/** The files whose change means that this machine's userland is another one. */
function hostFingerprint(): string {
  const hash = createHash("sha256").update(String(version));
  for (const path of [
    "/usr/bin",
    "/usr/lib",
    "/etc/ld.so.cache",
    "/etc/os-release",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/alternatives",
  ]) {
    const stats = existsSync(path) ? statSync(path) : undefined;
    hash.update(`${path} ${String(stats?.mtimeMs)} ${String(stats?.size)}\n`);
  }
  return hash.digest("hex").slice(0, 32);
}

const passwd = `root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`;
const group = `root:x:0:
nogroup:x:65534:
`;
export { hiddenUsr };
