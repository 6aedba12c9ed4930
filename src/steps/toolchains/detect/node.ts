import { usageError } from "../../../model/errors.ts";
import type { NodeManager, RootFiles, Toolchain } from "../toolchain.ts";
import { linkerIn, rootTasksIn, workspacesOf } from "./layout.ts";
import { type Manifest, readManifest, scriptsOf } from "./manifest.ts";

const lockfiles: Readonly<Record<NodeManager, readonly string[]>> = {
  pnpm: ["pnpm-lock.yaml"],
  npm: ["package-lock.json", "npm-shrinkwrap.json"],
  yarn: ["yarn.lock"],
};

export function detectNode(
  files: readonly string[],
  texts: RootFiles["texts"] & { readonly "package.json": string },
): Toolchain {
  const manifest = readManifest(texts["package.json"]);
  const { manager, version } = packageManager(manifest, files);
  const lockfile = lockfiles[manager].find((name) => files.includes(name));
  if (lockfile === undefined) {
    throw usageError(
      `the repository is installed with ${manager}, and has no ${lockfiles[manager].join(" or ")}`,
      {
        code: "LOCKFILE_MISSING",
        place: "package.json packageManager",
        remedy: `Make it and commit it:\n${manager} install`,
      },
    );
  }
  const turbo = files.find((name) => name === "turbo.json" || name === "turbo.jsonc");
  const nx = files.find((name) => name === "nx.json");
  const settings = manager === "pnpm" ? "pnpm-workspace.yaml" : manager === "yarn" ? ".yarnrc.yml" : "";
  return {
    manager,
    version,
    lockfile,
    runner: turbo !== undefined ? "turborepo" : nx !== undefined ? "nx" : null,
    tasks: scriptsOf(manifest),
    workspaces: workspacesOf(manager, manifest, texts),
    rootTasks: rootTasksIn(texts),
    linker: linkerIn(manager, version, texts),
    readFrom: ["package.json", lockfile, settings, turbo ?? nx ?? ""].filter((name) => files.includes(name)),
  };
}

function packageManager(
  manifest: Manifest,
  files: readonly string[],
): { manager: NodeManager; version: string | null } {
  const text = typeof manifest.packageManager === "string" ? manifest.packageManager : undefined;
  if (text === undefined) return fromLockfile(files);
  const [, name = text, version = ""] = /^([^@]+)@([^+]*)/.exec(text) ?? [];
  if (!isKnown(name)) throw unsupported(name, "package.json packageManager");
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
    throw unpinned(`packageManager ${JSON.stringify(text)} names no exact version`, name);
  }
  return { manager: name, version };
}

function fromLockfile(files: readonly string[]): { manager: NodeManager; version: string | null } {
  const unsaid = (name: string) =>
    `package.json does not say which version of ${name} installs this repository`;
  if (files.includes("pnpm-lock.yaml")) throw unpinned(unsaid("pnpm"), "pnpm");
  if (files.includes("yarn.lock")) throw unpinned(unsaid("yarn"), "yarn");
  if (files.includes("bun.lock") || files.includes("bun.lockb")) throw unsupported("bun", "bun.lock");
  return { manager: "npm", version: null };
}

function isKnown(name: string): name is NodeManager {
  return Object.hasOwn(lockfiles, name);
}

function unpinned(message: string, name: string) {
  return usageError(message, {
    code: "PACKAGE_MANAGER_UNPINNED",
    place: "package.json packageManager",
    remedy: `Name the version that the team uses, for everyone:\nnpm pkg set packageManager="${name}@$(${name} --version)"`,
  });
}

function unsupported(name: string, place: string) {
  return usageError(`the package manager ${name} is not supported; supported: pnpm, npm, yarn, cargo`, {
    code: "TOOLCHAIN_UNSUPPORTED",
    place,
  });
}
