import type { Toolchain } from "../toolchain.ts";
import { anyNodeManager, installGlobally, type PackageManager } from "./package-manager.ts";

const cache = "/var/cache/fairway/yarn";

/** Yarn 1, and the yarn of 2 and later, which shares its name and little else. */
export function yarn(toolchain: Toolchain): PackageManager {
  return toolchain.version?.startsWith("1.") === true ? classic(toolchain) : berry(toolchain);
}

function classic({ version }: Toolchain): PackageManager {
  return {
    ...common,
    // The image has one, which npm does not replace unasked.
    setup: installGlobally("yarn", version, "--force"),
    install: [
      ...["yarn", "install", "--frozen-lockfile", "--non-interactive", "--no-progress"],
      ...["--mutex", `file:${cache}/.mutex`],
    ],
    // What it says besides is no part of what a script answers.
    run: (task) => ["yarn", "--silent", "run", task],
    node: ["node"],
    lifecycle: (script) => [...inEachPackage, script],
    caches: { [cache]: "fairway-yarn-1" },
    variables: { YARN_CACHE_FOLDER: cache },
    manifests: [...anyNodeManager, "yarn.lock", ".yarnrc", "**/*.patch"],
  };
}

function berry({ version, linker }: Toolchain): PackageManager {
  return {
    ...common,
    setup: installGlobally("@yarnpkg/cli-dist", version, "--force"),
    install: ["yarn", "install", "--immutable"],
    node: linker === "pnp" ? ["yarn", "node"] : ["node"],
    // It never runs `prepare` of what it does not pack.
    lifecycle: (script) => (script.includes("prepare") ? null : [...inEachPackage, script]),
    caches: { [cache]: `fairway-yarn-${(version ?? "").split(".")[0] ?? ""}` },
    variables: {
      YARN_GLOBAL_FOLDER: cache,
      // What is installed stays in the step's own files: a cache volume may be emptied at any time.
      YARN_ENABLE_GLOBAL_CACHE: "false",
      YARN_ENABLE_TELEMETRY: "0",
    },
    manifests: [...anyNodeManager, "yarn.lock", ".yarnrc.yml", ".yarn/**", "**/*.patch"],
    // Also those that are committed: they name archives where that machine has them.
    leftovers: [".pnp.*", ".yarn/install-state.gz", ".yarn/build-state.yml", ".yarn/unplugged"],
  };
}

const common = {
  image: "node",
  run: (task: string) => ["yarn", "run", task],
  exec: (command: readonly string[]) => ["yarn", "run", ...command],
} as const;

/** Yarn has this only as a plug-in, or not at all where one package lacks the script. */
const inEachPackage = [
  "node",
  "-e",
  `
// run a lifecycle script in each package that has it
const { spawnSync } = require("node:child_process");
const { readdirSync, readFileSync } = require("node:fs");
const { dirname } = require("node:path");
const script = process.argv[1];
const depth = (path) => path.split("/").length;
const own = readdirSync(".", { recursive: true })
  .filter((path) => /(^|[/])package.json$/.test(path) && !/(^|[/])(node_modules|[.]yarn)[/]/.test(path))
  .sort((a, b) => depth(b) - depth(a) || a.localeCompare(b));
for (const path of own) {
  let manifest;
  try { manifest = JSON.parse(readFileSync(path, "utf8")); } catch { continue; }
  if (typeof manifest.scripts?.[script] !== "string") continue;
  const { status, error } = spawnSync("yarn", ["run", script], { cwd: dirname(path), stdio: "inherit" });
  if (error) console.error(String(error));
  if (status !== 0) process.exit(status ?? 1);
}
`,
] as const;
