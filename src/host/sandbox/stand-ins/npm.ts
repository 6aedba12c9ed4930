import { existsSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

export interface NpmPackage {
  readonly directory: string;
  readonly version: string;
}

/** npm's own directory: of the npm that runs us, next to our node, or the first in this machine's PATH. */
export function findNpm(
  environment: NodeJS.ProcessEnv = process.env,
  execPath = process.execPath,
): NpmPackage | undefined {
  const path = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
  const candidates = [
    environment["npm_execpath"],
    join(dirname(execPath), "../lib/node_modules/npm/bin/npm-cli.js"),
    join(dirname(execPath), "npm"),
    ...path.map((folder) => join(folder, "npm")),
    ...["/usr/local/bin/npm", "/usr/bin/npm"],
  ];
  for (const candidate of candidates) {
    const found = candidate === undefined ? undefined : packageOf(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `npm_execpath` may be pnpm's or yarn's: only a package of the name npm counts. */
function packageOf(program: string): NpmPackage | undefined {
  if (!existsSync(program)) return undefined;
  const directory = dirname(dirname(realpathSync(program)));
  const manifest = join(directory, "package.json");
  if (!existsSync(manifest) || !existsSync(join(directory, "bin/npm-cli.js"))) return undefined;
  const { name, version } = JSON.parse(readFileSync(manifest, "utf8")) as { name?: string; version?: string };
  return name === "npm" && version !== undefined ? { directory, version } : undefined;
}
