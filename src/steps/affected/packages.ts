import { posix } from "node:path";
import type { Container, Directory } from "@dagger.io/dagger";
import picomatch from "picomatch";
import type { Toolchain } from "../toolchains/toolchains.ts";
import type { Packages } from "./affected.ts";
import { cratesIn } from "./crates.ts";

/** @param installed where cargo can be asked for its crates */
export async function packagesOf(
  toolchain: Toolchain,
  source: Directory,
  installed: () => Promise<Container>,
): Promise<Packages> {
  if (toolchain.manager === "cargo") return cratesIn(await installed());
  const [manifests, projects] = await Promise.all([
    toolchain.workspaces.length === 0 ? [] : source.glob("**/package.json"),
    toolchain.runner === "nx" ? source.glob("**/project.json") : [],
  ]);
  const isMember = memberOf(toolchain.workspaces);
  const folders = (files: readonly string[]) => files.map((file) => posix.dirname(file));
  const found = [...folders(manifests).filter(isMember), ...folders(projects)];
  return {
    directories: [...new Set(found)].filter((directory) => directory !== ".").sort(),
    decidesForAll: () => false,
    dependentsOf: () => [],
  };
}

/** As pnpm, npm and yarn read globs of workspaces: one that begins with `!` takes folders out again. */
function memberOf(workspaces: readonly string[]): (directory: string) => boolean {
  const globs = (wanted: readonly string[]) =>
    picomatch(wanted.map((glob) => posix.normalize(glob).replace(/\/$/, "")));
  const within = globs(workspaces.filter((glob) => !glob.startsWith("!")));
  const without = globs(workspaces.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1)));
  return (directory) => within(directory) && !without(directory);
}
