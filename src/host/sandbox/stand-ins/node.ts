import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  constants,
  copyFileSync,
  mkdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { failure } from "../../../model/errors.ts";
import type { Layer, LayerDraft, LayerStore } from "../../layers/layers.ts";
import { copyTree } from "./copy-public.ts";
import { findNpm, type NpmPackage } from "./npm.ts";
import { npmSettings, type NpmSettings } from "./npmrc.ts";
import { group, passwd } from "./userland.ts";

const version = 2;

export interface NodeStandIn {
  readonly layer: Layer;
  /** `24.21.0`. */
  readonly nodeVersion: string;
  readonly npmVersion: string;
}

/** What node:* has beyond Debian: the Node that runs Fairway, npm, the user `node`, and where npm finds packages. */
export async function nodeLayer(store: LayerStore, reference: string): Promise<NodeStandIn> {
  const npm = findNpm();
  if (npm === undefined) {
    throw failure(`${reference} has npm, and this machine has none to stand in for it`, {
      code: "STAND_IN_MISSING",
      remedy: "install npm where PATH finds it, or use the real engine: --engine dagger",
    });
  }
  const settings = npmSettings(npm);
  const layer = await store.ensure(`stand-in:node:${fingerprintOf(npm, settings)}`, (draft) =>
    makeNode(draft, npm, settings),
  );
  return { layer, nodeVersion: process.versions.node, npmVersion: npm.version };
}

async function makeNode(draft: LayerDraft, npm: NpmPackage, settings: NpmSettings): Promise<void> {
  const local = join(draft.path, "usr/local");
  for (const name of ["bin", "etc", "lib/node_modules", "include", "share"])
    mkdirSync(join(local, name), { recursive: true });
  await copyFile(process.execPath, join(local, "bin/node"), constants.COPYFILE_FICLONE);
  chmodSync(join(local, "bin/node"), 0o755);
  symlinkSync("node", join(local, "bin/nodejs"));
  // npm's own npmrc may hold tokens, and its settings are read below.
  copyTree(npm.directory, join(local, "lib/node_modules/npm"), new Set(["npmrc"]));
  for (const name of ["npm", "npx"]) {
    const program = join(local, "lib/node_modules/npm/bin", `${name}-cli.js`);
    chmodSync(program, 0o755);
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, "bin", name));
  }
  writeFileSync(join(local, "etc/npmrc"), npmrc(settings, draft.path));
  makeUser(draft);
}

/** The certificates are brought along under a name of their own: theirs may be a path that no image has. */
function npmrc({ registry, cafile }: NpmSettings, root: string): string {
  const lines = registry === undefined ? [] : [`registry=${registry}`];
  if (cafile !== undefined && statSync(cafile, { throwIfNoEntry: false })?.isFile() === true) {
    const inside = "usr/local/share/ca-certificates/npm.crt";
    mkdirSync(join(root, "usr/local/share/ca-certificates"), { recursive: true });
    copyFileSync(cafile, join(root, inside));
    lines.push(`cafile=/${inside}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}

function makeUser(draft: LayerDraft): void {
  mkdirSync(join(draft.path, "etc"));
  writeFileSync(join(draft.path, "etc/passwd"), passwd);
  appendFileSync(join(draft.path, "etc/passwd"), "node:x:1000:1000::/home/node:/bin/bash\n");
  writeFileSync(join(draft.path, "etc/group"), group);
  appendFileSync(join(draft.path, "etc/group"), "node:x:1000:\n");
  mkdirSync(join(draft.path, "home/node"), { recursive: true });
  draft.setOwner("home/node", 1000, 1000);
}

function fingerprintOf(npm: NpmPackage, settings: NpmSettings): string {
  const hash = createHash("sha256").update(JSON.stringify([version, process.version, npm, settings]));
  for (const path of [
    process.execPath,
    join(npm.directory, "package.json"),
    ...(settings.cafile === undefined ? [] : [settings.cafile]),
  ]) {
    const stats = statSync(path, { throwIfNoEntry: false });
    hash.update(`${path} ${String(stats?.mtimeMs)} ${String(stats?.size)}\n`);
  }
  return hash.digest("hex").slice(0, 32);
}
