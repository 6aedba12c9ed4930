import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { writeClientTypes } from "../src/cli/module/client-types.ts";
import { scanModule } from "../src/cli/module/scan.ts";
import { findSdk } from "../src/cli/module/sdk.ts";
import { moduleSourceFiles, readModuleSettings } from "../src/cli/module/source-files.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
/** What is known about the last build; outside of dist, which is packed as it is. */
const state = join(root, "node_modules/.cache/fairway-build");

/** src -> dist: JavaScript and types by tsc, then the stock module's manifest by the SDK's scanner. */
async function build(): Promise<void> {
  const release = await lock(join(state, "lock"));
  try {
    await buildWhatChanged();
  } finally {
    await release();
  }
}

async function buildWhatChanged(): Promise<void> {
  const sources = await filesBelow(join(root, "src"));
  const fingerprint = await fingerprintOf([
    ...sources,
    ...["package-lock.json", "tsconfig.json", "tsconfig.build.json", "dagger.json"].map((name) =>
      join(root, name),
    ),
    fileURLToPath(import.meta.url),
  ]);
  if ((await previousFingerprint()) === fingerprint) return;
  const sound = (await compile()) && (isWhole(sources) || (await compileAnew()));
  await removeOrphans(new Set(sources));
  await refuseSourceEndings();
  await writeManifest();
  // The manifest is written all the same, so that a room that does not compile does not stop work on another.
  if (!sound) throw new Error("tsc found errors");
  await writeFile(join(state, "fingerprint"), fingerprint);
}

/** Incremental, unless dist is gone: removing it is a clean build. */
async function compile(): Promise<boolean> {
  const memory = join(state, "tsbuildinfo");
  if (!existsSync(join(dist, "manifest.json"))) await rm(memory, { force: true });
  await mkdir(dist, { recursive: true });
  const tsc = join(root, "node_modules/typescript-7/bin/tsc");
  const { status } = spawnSync(
    process.execPath,
    [tsc, "-p", join(root, "tsconfig.build.json"), "--incremental", "--tsBuildInfoFile", memory],
    { cwd: root, stdio: "inherit" },
  );
  return status === 0;
}

/** tsc remembers what it wrote, not whether that is still there. */
function isWhole(sources: readonly string[]): boolean {
  return sources.every((source) =>
    existsSync(source.replace(join(root, "src"), dist).replace(/\.ts$/, ".js")),
  );
}

async function compileAnew(): Promise<boolean> {
  await rm(join(state, "tsbuildinfo"), { force: true });
  return compile();
}

/** Files of sources that are gone. What stays is not touched: daemons may run from it. */
async function removeOrphans(sources: ReadonlySet<string>): Promise<void> {
  for (const file of await filesBelow(dist)) {
    const source = file.replace(dist, join(root, "src")).replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts");
    if (/\.(js|d\.ts|map)$/.test(file) && !sources.has(source)) await rm(file);
  }
}

/** tsc forgets to rewrite an import() in a function that has a `using` (6.0): it would fail at the user's only. */
async function refuseSourceEndings(): Promise<void> {
  for (const file of await filesBelow(dist)) {
    if (!file.endsWith(".js")) continue;
    const [found] = /\bimport\("\.[^"$]*\.ts"\)/.exec(await readFile(file, "utf8")) ?? [];
    if (found !== undefined)
      throw new Error(`${file} has ${found}: move the import() out of the function with \`using\``);
  }
}

async function writeManifest(): Promise<void> {
  const settings = await readModuleSettings(join(root, "dagger.json"));
  const sdk = findSdk(root);
  const scratch = await mkdtemp(join(tmpdir(), "fairway-build-"));
  try {
    const { manifest, warnings } = await scanModule({
      name: settings.name,
      root,
      files: await moduleSourceFiles(root, settings),
      clientTypes: await writeClientTypes(sdk, scratch),
      sdk,
    });
    if (warnings.length > 0) throw new Error(`the module scanner warns:\n${warnings.join("\n")}`);
    await writeFile(join(dist, "manifest.json"), JSON.stringify(manifest));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function fingerprintOf(files: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of [...files].sort())
    hash
      .update(file)
      .update("\0")
      .update(await readFile(file))
      .update("\0");
  return hash.digest("hex");
}

async function previousFingerprint(): Promise<string | undefined> {
  const file = join(state, "fingerprint");
  return existsSync(file) && existsSync(join(dist, "manifest.json"))
    ? await readFile(file, "utf8")
    : undefined;
}

/** One build at a time: tests of several processes may ask for it at once. A lock left behind is taken after 60 s. */
async function lock(path: string): Promise<() => Promise<void>> {
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    try {
      await mkdir(path);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
      if (age > 60_000) await rm(path, { recursive: true, force: true });
      else await wait(100);
    }
  }
  const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), 5_000);
  return async () => {
    clearInterval(beat);
    await rm(path, { recursive: true, force: true });
  };
}

try {
  await build();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
