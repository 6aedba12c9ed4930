import type { Client, Container } from "@dagger.io/dagger";
import type { Toolchain } from "./detect.ts";

/** How a package manager does what Fairway's steps need; commands are argv. */
export interface PackageManager {
  /** Installs from the lockfile, and fails when it does not fit the manifests. */
  readonly install: readonly string[];
  /** Runs one of the root's scripts. */
  readonly run: (script: string) => readonly string[];
  /** Runs a program that the workspace depends on. */
  readonly exec: (command: readonly string[]) => readonly string[];
  /** Runs a lifecycle script in each package that has it. */
  readonly lifecycle: (script: string) => readonly string[];
  /** Where downloads are kept between runs, mounted from a cache volume. */
  readonly cache: {
    readonly path: string;
    readonly volume: string;
    readonly variables: Readonly<Record<string, string>>;
  };
  /** Files that decide what is installed. */
  readonly manifests: readonly string[];
}

const anyManager = ["package.json", "**/package.json", ".npmrc", "**/.npmrc", "**/*.tgz"];

export function packageManager(toolchain: Toolchain): PackageManager {
  return toolchain.manager === "pnpm" ? pnpm(toolchain) : npm(toolchain);
}

function pnpm({ version }: Toolchain): PackageManager {
  const major = (version ?? "").split(".")[0] ?? "";
  return {
    install: ["pnpm", "install", "--frozen-lockfile", "--reporter=append-only"],
    run: (script) => ["pnpm", "run", script],
    exec: (command) => ["pnpm", "exec", ...command],
    lifecycle: (script) => ["pnpm", "--recursive", "--include-workspace-root", "--if-present", "run", script],
    cache: {
      path: "/var/cache/fairway/pnpm",
      volume: `fairway-pnpm-${major}`,
      variables: {
        npm_config_store_dir: "/var/cache/fairway/pnpm",
        pnpm_config_store_dir: "/var/cache/fairway/pnpm",
      },
    },
    manifests: [
      ...anyManager,
      "pnpm-lock.yaml",
      "pnpm-workspace.yaml",
      ".pnpmfile.cjs",
      ".pnpmfile.mjs",
      "**/*.patch",
    ],
  };
}

function npm({ lockfile }: Toolchain): PackageManager {
  return {
    install: ["npm", "ci"],
    run: (script) => ["npm", "run", script],
    exec: (command) => ["npm", "exec", "--no", "--", ...command],
    lifecycle: (script) => ["npm", "run", script, "--workspaces", "--include-workspace-root", "--if-present"],
    cache: {
      path: "/var/cache/fairway/npm",
      volume: "fairway-npm",
      variables: { npm_config_cache: "/var/cache/fairway/npm" },
    },
    manifests: [...anyManager, lockfile],
  };
}

/** A container with Node and the package manager at the version that package.json names; never corepack. */
export function withPackageManager(client: Client, image: string, toolchain: Toolchain): Container {
  const base = Object.entries(quiet).reduce(
    (container, [name, value]) => container.withEnvVariable(name, value),
    client.container().from(image),
  );
  const { manager, version } = toolchain;
  return version === null ? base : base.withExec(["npm", "install", "--global", `${manager}@${version}`]);
}

/** Tools that ask, advertise or call home do not. */
const quiet: Readonly<Record<string, string>> = {
  CI: "true",
  DO_NOT_TRACK: "1",
  TURBO_TELEMETRY_DISABLED: "1",
  CHECKPOINT_DISABLE: "1",
  PRISMA_HIDE_UPDATE_MESSAGE: "1",
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
  pnpm_config_verify_deps_before_run: "false",
};
