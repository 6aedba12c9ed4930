import type { Toolchain } from "../toolchain.ts";
import { anyNodeManager, installGlobally, type PackageManager } from "./package-manager.ts";

const store = "/var/cache/fairway/pnpm";

export function pnpm({ version }: Toolchain): PackageManager {
  const major = (version ?? "").split(".")[0] ?? "";
  return {
    image: "node",
    setup: installGlobally("pnpm", version),
    install: ["pnpm", "install", "--frozen-lockfile", "--reporter=append-only"],
    run: (task) => ["pnpm", "run", task],
    exec: (command) => ["pnpm", "exec", ...command],
    node: ["node"],
    lifecycle: (script) => ["pnpm", "--recursive", "--include-workspace-root", "--if-present", "run", script],
    caches: { [store]: `fairway-pnpm-${major}` },
    variables: { npm_config_store_dir: store, pnpm_config_store_dir: store },
    manifests: [
      ...anyNodeManager,
      "pnpm-lock.yaml",
      "pnpm-workspace.yaml",
      ".pnpmfile.cjs",
      ".pnpmfile.mjs",
      "**/*.patch",
    ],
  };
}
