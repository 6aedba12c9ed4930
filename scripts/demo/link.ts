import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * What `npm install --save-dev @fairway/sdk @dagger.io/dagger node` would put there, linked to this checkout: an install takes
 * longer than some of what is to be shown.
 * @param modules node_modules of the repository
 */
export async function linkFairway(modules: string): Promise<void> {
  const installed = join(root, "node_modules");
  const links = {
    "@fairway/sdk": root,
    "@dagger.io/dagger": join(installed, "@dagger.io/dagger"),
    ".bin/fairway": join(root, "bin/fairway.js"),
    ".bin/node": join(installed, ".bin/node"),
  };
  for (const [name, to] of Object.entries(links)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(to, join(modules, name));
  }
}
