import type { Client, Container, Directory } from "@dagger.io/dagger";
import { failure, type FairwayError } from "../../model/errors.ts";
import { lastLines, outputOf, stepFailure } from "../step-failure.ts";
import type { Toolchain } from "./detect.ts";
import { packageManager, withPackageManager } from "./manager.ts";

/** Where the repository stands in every step. */
export const workspace = "/workspace";

const lifecycleFile = "/tmp/fairway-lifecycle.json";

/**
 * A container with the dependencies that the lockfile names, and the source on top.
 *
 * It is made in two parts, so that editing a source file installs nothing: first from the manifests alone, without the
 * repository's own lifecycle scripts (which may want its sources; those of dependencies run); then the source, and
 * after it the repository's lifecycle scripts, where it has some.
 */
export async function install(
  client: Client,
  source: Directory,
  image: string,
  toolchain: Toolchain,
): Promise<Container> {
  const manager = packageManager(toolchain);
  const manifests = client.directory().withDirectory("/", source, { include: [...manager.manifests] });
  const variables = Object.entries(manager.cache.variables);
  const prepared = variables
    .reduce(
      (container, [name, value]) => container.withEnvVariable(name, value),
      withPackageManager(client, image, toolchain),
    )
    .withMountedCache(manager.cache.path, client.cacheVolume(manager.cache.volume))
    .withWorkdir(workspace)
    .withDirectory(workspace, manifests)
    .withExec(["node", "-e", setLifecycleScriptsAside, lifecycleFile])
    .withExec([...manager.install]);
  try {
    const scripts = JSON.parse(await prepared.file(lifecycleFile).contents()) as string[];
    const complete = scripts.reduce(
      (container, script) => container.withExec([...manager.lifecycle(script)]),
      prepared.withDirectory(workspace, source),
    );
    return await complete.sync();
  } catch (error) {
    throw installFailure(error, toolchain) ?? error;
  }
}

/** Runs in the step. Removes the lifecycle scripts of the repository's packages; writes their names, in order. */
const setLifecycleScriptsAside = `
// set the repository's own lifecycle scripts aside
const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const order = ["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"];
const found = new Set();
const paths = readdirSync(".", { recursive: true }).filter((path) => /(^|[/])package.json$/.test(path));
for (const path of paths) {
  let manifest;
  try { manifest = JSON.parse(readFileSync(path, "utf8")); } catch { continue; }
  const scripts = manifest.scripts;
  if (scripts === null || typeof scripts !== "object") continue;
  const own = order.filter((name) => name in scripts);
  if (own.length === 0) continue;
  for (const name of own) { found.add(name); delete scripts[name]; }
  writeFileSync(path, JSON.stringify(manifest, null, 2));
}
const run = order.filter((name) => found.has(name) && !["preprepare", "postprepare"].includes(name));
writeFileSync(process.argv[1], JSON.stringify(run));
`;

function installFailure(error: unknown, { manager, lockfile }: Toolchain): FairwayError | undefined {
  const failed = stepFailure(error);
  if (failed === undefined) return undefined;
  const output = outputOf(failed);
  const outdated = /ERR_PNPM_OUTDATED_LOCKFILE|npm ci. can only install packages when/.test(output);
  if (outdated) {
    return failure(`${lockfile} does not fit the manifests of the repository`, {
      code: "LOCKFILE_OUTDATED",
      place: lockfile,
      output: lastLines(output, 40),
      remedy: `Bring it up to date and commit it:\n${manager} install`,
      cause: error,
    });
  }
  return failure("the dependencies could not be installed", {
    code: "INSTALL_FAILED",
    place: lockfile,
    output: lastLines(output, 40),
    remedy: `The same happens with:\n${packageManager({ manager, lockfile, version: "", turborepo: false, scripts: {} }).install.join(" ")}`,
    cause: error,
  });
}
