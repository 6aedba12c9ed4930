import { readdirSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { programInPath } from "./engine.ts";

/** What stands in for images on the embedded engine. */
const programs = ["npm", "git", "cargo", "rustc", "go", "python3"];
const system = ["/usr", "/usr/bin", "/usr/lib", "/etc/ld.so.cache", "/etc/os-release", "/etc/alternatives"];
const browsers = ["/opt/google/chrome", "/opt/google/chrome/chrome"];
const certificates = ["/etc/ssl/certs", "/etc/ssl/certs/ca-certificates.crt", "/etc/localtime"];

/**
 * What the file system says of this machine's tools, whose update may let a check find out something else. Reads no file.
 * @param home the user's directory
 */
export function machineTools(variables: NodeJS.ProcessEnv, home: string): readonly unknown[] {
  const folders = (variables["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = programs.flatMap((name) => programInPath(name, variables) ?? []).map(behindLinks);
  const npm = found
    .filter((path) => path.endsWith("/npm-cli.js"))
    .map((path) => join(path, "../../package.json"));
  const beside = join(dirname(process.execPath), "../lib/node_modules/npm/package.json");
  // A program of rustup's stays the same when what it calls is another.
  const rustup = variables["RUSTUP_HOME"] ?? join(home, ".rustup");
  const toolchains = namesIn(join(rustup, "toolchains")).map((name) =>
    join(rustup, "toolchains", name, "bin"),
  );
  const rust = [join(rustup, "settings.toml"), ...toolchains, ...toolchains.map((bin) => join(bin, "rustc"))];
  const files = [process.execPath, join(home, ".npmrc"), beside, ...npm, ...found, ...rust];
  return [...files, ...folders, ...system, ...browsers, ...certificates].map((path) => [
    path,
    ...seenOf(path),
  ]);
}

/** Nothing of what this user may not look at, such as another's folder in PATH: no step of theirs runs it either. */
function seenOf(path: string): readonly number[] {
  try {
    const { size, mtimeMs, ino } = statSync(path);
    return [size, mtimeMs, ino];
  } catch {
    return [];
  }
}

function behindLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
