import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  constants,
  copyFileSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { failure } from "../../../model/errors.ts";
import type { Layer, LayerDraft, LayerStore } from "../../layers/layers.ts";
import { copyTree } from "./copy-public.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { findNpm, type NpmPackage } from "./npm.ts";
import { npmSettings, type NpmSettings } from "./npmrc.ts";
import { group, passwd } from "./userland.ts";

const version = 3;

export interface NodeStandIn {
  /** The programs, then the settings. */
  readonly layers: readonly Layer[];
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
  const layers = [
    await store.ensure(`stand-in:node:${programsKey(npm)}`, (draft) => makePrograms(draft, npm)),
    await store.ensure(`stand-in:npmrc:${settingsKey(settings)}`, (draft) => makeSettings(draft, settings)),
  ];
  return { layers, nodeVersion: process.versions.node, npmVersion: npm.version };
}

async function makePrograms(draft: LayerDraft, npm: NpmPackage): Promise<void> {
  const local = join(draft.path, "usr/local");
  for (const name of ["bin", "lib/node_modules", "include", "share"])
    mkdirSync(join(local, name), { recursive: true });
  await copyFile(process.execPath, join(local, "bin/node"), constants.COPYFILE_FICLONE);
  chmodSync(join(local, "bin/node"), 0o755);
  symlinkSync("node", join(local, "bin/nodejs"));
  // npm's own npmrc may hold tokens; its settings are in the other layer.
  copyTree(npm.directory, join(local, "lib/node_modules/npm"), new Set(["npmrc"]));
  for (const name of ["npm", "npx"]) {
    chmodSync(join(local, "lib/node_modules/npm/bin", `${name}-cli.js`), 0o755);
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, "bin", name));
  }
  makeUser(draft);
}

function makeSettings(draft: LayerDraft, settings: NpmSettings): Promise<void> {
  mkdirSync(join(draft.path, "usr/local/etc"), { recursive: true });
  writeFileSync(join(draft.path, "usr/local/etc/npmrc"), npmrc(settings, draft.path));
  return Promise.resolve();
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

function programsKey(npm: NpmPackage): string {
  const manifest = readFileSync(join(npm.directory, "package.json"), "utf8");
  return keyOf([version, process.version, process.arch, fingerprintOf(process.execPath), manifest]);
}

function settingsKey({ registry, cafile }: NpmSettings): string {
  const isFile = cafile !== undefined && statSync(cafile, { throwIfNoEntry: false })?.isFile() === true;
  return keyOf([version, registry ?? null, isFile ? readFileSync(cafile, "utf8") : null]);
}

/** By content, never by place: in each repository Node lies somewhere else, and steps see neither. */
function keyOf(values: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 32);
}
