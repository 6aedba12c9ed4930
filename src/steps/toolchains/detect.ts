import { usageError } from "../../model/errors.ts";

export interface Toolchain {
  readonly manager: "pnpm" | "npm";
  /** The exact version to install; null for the npm that comes with the image. */
  readonly version: string | null;
  readonly lockfile: string;
  readonly turborepo: boolean;
  /** Scripts of the root package.json. */
  readonly scripts: Readonly<Record<string, string>>;
}

/** What stands in the root of a repository. */
export interface RootFiles {
  /** Names of the entries; folders may end in a slash. */
  readonly names: readonly string[];
  /** The text of package.json; undefined where there is none. */
  readonly packageJson: string | undefined;
}

interface Manifest {
  readonly packageManager?: unknown;
  readonly scripts?: unknown;
}

const lockfiles: Readonly<Record<Toolchain["manager"], readonly string[]>> = {
  pnpm: ["pnpm-lock.yaml"],
  npm: ["package-lock.json", "npm-shrinkwrap.json"],
};

/**
 * The package manager, task runner and scripts of a repository, read from what it says of itself.
 * @throws FairwayError (exit 2) where that is missing, contradicts itself, or is not supported yet.
 */
export function detectToolchain({ names, packageJson }: RootFiles): Toolchain {
  const files = names.map((name) => name.replace(/\/$/, ""));
  if (packageJson === undefined) throw withoutPackageJson(files);
  const manifest = readManifest(packageJson);
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
  return {
    manager,
    version,
    lockfile,
    turborepo: files.includes("turbo.json") || files.includes("turbo.jsonc"),
    scripts: scriptsOf(manifest),
  };
}

function packageManager(
  manifest: Manifest,
  files: readonly string[],
): { manager: Toolchain["manager"]; version: string | null } {
  const text = typeof manifest.packageManager === "string" ? manifest.packageManager : undefined;
  if (text === undefined) return fromLockfile(files);
  const [, name = text, version = ""] = /^([^@]+)@([^+]*)/.exec(text) ?? [];
  if (name !== "pnpm" && name !== "npm") throw unsupported(name, "package.json packageManager");
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
    throw usageError(`packageManager ${JSON.stringify(text)} names no exact version`, {
      code: "PACKAGE_MANAGER_UNPINNED",
      place: "package.json packageManager",
      remedy: pinRemedy(name),
    });
  }
  return { manager: name, version };
}

function fromLockfile(files: readonly string[]): { manager: Toolchain["manager"]; version: string | null } {
  if (files.includes("pnpm-lock.yaml")) {
    throw usageError("package.json does not say which version of pnpm installs this repository", {
      code: "PACKAGE_MANAGER_UNPINNED",
      place: "package.json packageManager",
      remedy: pinRemedy("pnpm"),
    });
  }
  if (files.includes("yarn.lock")) throw unsupported("yarn", "yarn.lock");
  if (files.includes("bun.lock") || files.includes("bun.lockb")) throw unsupported("bun", "bun.lock");
  return { manager: "npm", version: null };
}

function pinRemedy(name: string): string {
  return `Name the version that the team uses, for everyone:\nnpm pkg set packageManager="${name}@$(${name} --version)"`;
}

function unsupported(name: string, place: string) {
  return usageError(`the package manager ${name} is not supported yet; supported: pnpm, npm`, {
    code: "TOOLCHAIN_UNSUPPORTED",
    place,
  });
}

function withoutPackageJson(files: readonly string[]) {
  if (files.includes("Cargo.toml")) return unsupported("cargo", "Cargo.toml");
  return usageError("the source has no package.json at its root", {
    code: "TOOLCHAIN_UNSUPPORTED",
    place: "package.json",
    remedy: "Call Fairway from the root of a repository that npm or pnpm installs.",
  });
}

function readManifest(text: string): Manifest {
  try {
    const value = JSON.parse(text) as unknown;
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value;
  } catch (cause) {
    throw usageError(`package.json is not JSON: ${(cause as Error).message}`, {
      code: "PACKAGE_JSON_INVALID",
      place: "package.json",
      cause,
    });
  }
  throw usageError("package.json holds no object", { code: "PACKAGE_JSON_INVALID", place: "package.json" });
}

function scriptsOf(manifest: Manifest): Record<string, string> {
  if (manifest.scripts === null || typeof manifest.scripts !== "object") return {};
  return Object.fromEntries(
    Object.entries(manifest.scripts).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}
