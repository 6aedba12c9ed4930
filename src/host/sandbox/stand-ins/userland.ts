import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Layer, LayerDraft, LayerStore } from "../../layers/layers.ts";
import { addMetadata } from "../../layers/metadata.ts";
import { copyPublic } from "./copy-public.ts";

/** Goes up when this file makes something else of the same machine. */
const version = 5;

/** Top directories of a Linux userland. Where the host has links (`bin` to `usr/bin`), so has the stand-in. */
const topDirectories = ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"];

/** Of this machine's /etc: what programs need to run and to trust, and nothing that could be a secret. */
const copiedEtc = [
  ...[
    "ld.so.conf",
    "ld.so.conf.d",
    "ld.so.cache",
    "ld-musl-x86_64.path",
    "ld-musl-aarch64.path",
    "alternatives",
  ],
  ...[
    "ssl/certs",
    "ssl/openssl.cnf",
    "ssl/cert.pem",
    "ca-certificates.conf",
    "ca-certificates",
    "pki/tls/certs",
  ],
  ...[
    "pki/tls/cert.pem",
    "pki/ca-trust/extracted",
    "crypto-policies",
    "nsswitch.conf",
    "protocols",
    "services",
    "rpc",
  ],
  ...[
    "os-release",
    "alpine-release",
    "debian_version",
    "localtime",
    "timezone",
    "mime.types",
    "magic",
    "host.conf",
  ],
  ...[
    "gai.conf",
    "bash.bashrc",
    "inputrc",
    "login.defs",
    "fonts",
    "chromium",
    "chromium.d",
    "java-17-openjdk",
    "java-21-openjdk",
    "perl",
  ],
];

/** Of this machine's /usr: what an image would not have, since ours is the node that was asked for. */
const hidden = [
  ...["node", "nodejs", "npm", "npx", "corepack", "pnpm", "pnpx", "yarn", "yarnpkg", "bun", "deno"].map(
    (name) => `bin/${name}`,
  ),
  ...[
    "lib/node_modules",
    "lib/nodejs",
    "lib64/node_modules",
    "share/nodejs",
    "share/node_modules",
    "etc/npmrc",
  ],
];

/** Directories of /usr that a step may add to also where it cannot change what the host's root owns. */
const ownDirectories = ["bin", "sbin", "lib", "lib64", "libexec", "share", "include", "src"];

/** The bottom of every stand-in: this machine's programs, then an image's skeleton over them. */
export async function userlandLayers(store: LayerStore): Promise<readonly Layer[]> {
  const fingerprint = fingerprintOf();
  return [
    await store.ensure(`stand-in:host:${fingerprint}`, makeHost),
    await store.ensure(`stand-in:base:${fingerprint}`, makeBase),
  ];
}

async function makeHost({ path }: LayerDraft): Promise<void> {
  const host: Record<string, string> = {};
  for (const name of topDirectories) {
    const stats = lstatSync(`/${name}`, { throwIfNoEntry: false });
    if (stats?.isSymbolicLink() === true) symlinkSync(readlinkSync(`/${name}`), join(path, name));
    if (stats?.isDirectory() !== true) continue;
    mkdirSync(join(path, name));
    host[name] = `/${name}`;
  }
  await addMetadata(path, { host });
}

async function makeBase(draft: LayerDraft): Promise<void> {
  makeDirectories(draft.path);
  makeDevices(draft.path);
  makeEtc(join(draft.path, "etc"));
  for (const name of hidden) {
    if (lstatSync(join("/usr", name), { throwIfNoEntry: false }) !== undefined)
      await draft.remove(join("usr", name));
  }
  // An image's /usr/local is empty but for what the image is about: nothing of this machine's is shown.
  await draft.setOpaque("usr/local");
  for (const name of ["bin", "etc", "games", "include", "lib", "sbin", "share", "src"])
    mkdirSync(join(draft.path, "usr/local", name));
  symlinkSync("share/man", join(draft.path, "usr/local/man"));
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
    "run/lock",
    "opt",
    "srv",
    "mnt",
    "media",
    "boot",
  ];
  const below = [
    "var",
    "var/cache",
    "var/lib",
    "var/log",
    "var/mail",
    "var/spool",
    "var/opt",
    "var/backups",
    "usr",
  ];
  for (const name of [...plain, ...below]) mkdirSync(join(root, name), { mode: 0o755 });
  for (const name of ownDirectories) {
    if (lstatSync(join("/usr", name), { throwIfNoEntry: false })?.isDirectory() !== true) continue;
    if (lstatSync(join(root, "usr", name), { throwIfNoEntry: false }) === undefined)
      mkdirSync(join(root, "usr", name));
  }
  symlinkSync("/run", join(root, "var/run"));
  symlinkSync("/run/lock", join(root, "var/lock"));
  const modes = { root: 0o700, tmp: 0o1777, "var/tmp": 0o1777 };
  for (const [name, mode] of Object.entries(modes)) {
    mkdirSync(join(root, name));
    chmodSync(join(root, name), mode);
  }
}

/** Empty files that the devices are mounted on, and the links that every image has. */
function makeDevices(root: string): void {
  for (const name of ["null", "zero", "full", "random", "urandom", "tty"])
    writeFileSync(join(root, "dev", name), "");
  const self = "/proc/self/fd";
  const links = { fd: self, stdin: `${self}/0`, stdout: `${self}/1`, stderr: `${self}/2`, ptmx: "pts/ptmx" };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, "dev", name));
}

function makeEtc(etc: string): void {
  for (const name of copiedEtc) copyPublic(join("/etc", name), join(etc, name));
  writeFileSync(join(etc, "passwd"), passwd);
  writeFileSync(join(etc, "group"), group);
  writeFileSync(join(etc, "shells"), "/bin/sh\n");
  for (const name of ["hosts", "resolv.conf"]) writeFileSync(join(etc, name), "");
  writeFileSync(join(etc, "hostname"), "fairway\n");
  symlinkSync("/proc/mounts", join(etc, "mtab"));
}

/** Another fingerprint means that this machine's programs or certificates are others now. */
function fingerprintOf(): string {
  const hash = createHash("sha256").update(String(version));
  const telling = [
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/etc/ld.so.cache",
    "/etc/os-release",
    "/etc/alternatives",
    "/etc/ssl/certs",
  ];
  for (const path of [...telling, "/etc/ssl/certs/ca-certificates.crt", "/etc/localtime"]) {
    const stats = statSync(path, { throwIfNoEntry: false });
    hash.update(`${path} ${String(stats?.mtimeMs)} ${String(stats?.size)} ${String(stats?.ino)}\n`);
  }
  return hash.digest("hex").slice(0, 32);
}

/** The accounts that Debian's images have. */
export const passwd = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
games:x:5:60:games:/usr/games:/usr/sbin/nologin
man:x:6:12:man:/var/cache/man:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
backup:x:34:34:backup:/var/backups:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`;

export const group = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
mail:x:8:
man:x:12:
sudo:x:27:
audio:x:29:
www-data:x:33:
backup:x:34:
shadow:x:42:
utmp:x:43:
video:x:44:
staff:x:50:
games:x:60:
users:x:100:
nogroup:x:65534:
`;
