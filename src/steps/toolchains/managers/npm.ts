import type { Toolchain } from "../toolchain.ts";
import { anyNodeManager, installGlobally, type PackageManager } from "./package-manager.ts";

const cache = "/var/cache/fairway/npm";

export function npm({ version, lockfile }: Toolchain): PackageManager {
  return {
    image: "node",
    setup: installGlobally("npm", version),
    install: ["npm", "ci"],
    run: (task) => ["npm", "run", task],
    exec: (command) => ["npm", "exec", "--no", "--", ...command],
    node: ["node"],
    lifecycle: (script) => ["npm", "run", script, "--workspaces", "--include-workspace-root", "--if-present"],
    caches: { [cache]: "fairway-npm" },
    variables: { npm_config_cache: cache },
    manifests: [...anyNodeManager, lockfile],
  };
}
