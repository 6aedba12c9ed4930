import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";

const largestKeyBytes = 1024 * 1024;

/** Copies what everyone may read, links as links. What holds a private key is left out, whatever its mode says. */
export function copyPublic(from: string, to: string): void {
  const stats = lstatSync(from, { throwIfNoEntry: false });
  if (stats === undefined) return;
  mkdirSync(dirname(to), { recursive: true });
  if (stats.isSymbolicLink()) return void symlinkSync(readlinkSync(from), to);
  if (stats.isDirectory()) {
    if ((stats.mode & 0o005) !== 0o005) return;
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(from)) copyPublic(join(from, name), join(to, name));
    return;
  }
  if (!stats.isFile() || (stats.mode & 0o004) === 0) return;
  if (stats.size <= largestKeyBytes && readFileSync(from, "latin1").includes("PRIVATE KEY-----")) return;
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  chmodSync(to, stats.mode & 0o755);
}

/** Copies a tree of programs: files, links, modes without setuid. */
export function copyTree(from: string, to: string, leaveOut: ReadonlySet<string> = new Set()): void {
  mkdirSync(to, { recursive: true });
  for (const item of readdirSync(from, { withFileTypes: true })) {
    if (leaveOut.has(item.name)) continue;
    const source = join(from, item.name);
    const target = join(to, item.name);
    if (item.isDirectory()) copyTree(source, target);
    else if (item.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (item.isFile()) copyFileSync(source, target, constants.COPYFILE_FICLONE);
  }
}
