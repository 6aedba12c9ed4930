import type { Client, Container, Directory } from "@dagger.io/dagger";
import { packageManager } from "../managers/manager.ts";
import type { PackageManager } from "../managers/package-manager.ts";
import type { Toolchain } from "../toolchain.ts";
import { installFailure } from "./failure.ts";
import { lifecycleFile, setLifecycleScriptsAside } from "./lifecycle.ts";

/** Where the repository stands in every step. */
export const workspace = "/workspace";

/**
 * A container with the dependencies that the lockfile names, and the source on top; from one that has the package manager.
 *
 * It is made in two parts, so that editing a source file installs nothing: first from the manifests alone, without the
 * repository's own lifecycle scripts (which may want its sources; those of dependencies run); then the source, and
 * after it the repository's lifecycle scripts, where it has some. Cargo reads sources before it fetches, and has no such scripts.
 */
export async function install(
  client: Client,
  source: Directory,
  equipped: Container,
  toolchain: Toolchain,
): Promise<Container> {
  const manager = packageManager(toolchain);
  const prepared = equipped.withWorkdir(workspace);
  try {
    if (manager.manifests === null)
      return await prepared
        .withDirectory(workspace, source)
        .withExec([...manager.install])
        .sync();
    // What an install on somebody's machine left behind would be taken for the step's own.
    const { leftovers = [] } = manager;
    const sources = leftovers.length === 0 ? source : source.filter({ exclude: [...leftovers] });
    const manifests = client.directory().withDirectory("/", sources, { include: [...manager.manifests] });
    const installed = prepared
      .withDirectory(workspace, manifests)
      .withExec(["node", "-e", setLifecycleScriptsAside, lifecycleFile])
      .withExec([...manager.install]);
    const scripts = JSON.parse(await installed.file(lifecycleFile).contents()) as string[];
    const complete = scripts
      .map((script) => manager.lifecycle(script))
      .filter((argv) => argv !== null)
      .reduce(
        (container, argv) => container.withExec([...argv]),
        installed.withDirectory(workspace, sources),
      );
    return await complete.sync();
  } catch (error) {
    throw installFailure(error, toolchain, manager) ?? error;
  }
}

/** The image with the manager at the version that the repository names, and the caches of what it downloads. */
export function withPackageManager(client: Client, image: string, manager: PackageManager): Container {
  const base = withVariables(client.container().from(image), quiet);
  const equipped = manager.setup.reduce((container, argv) => container.withExec([...argv]), base);
  return Object.entries(manager.caches).reduce(
    (container, [path, volume]) => container.withMountedCache(path, client.cacheVolume(volume)),
    withVariables(equipped, manager.variables),
  );
}

function withVariables(container: Container, variables: Readonly<Record<string, string>>): Container {
  return Object.entries(variables).reduce(
    (result, [name, value]) => result.withEnvVariable(name, value),
    container,
  );
}

/** Tools that ask, advertise or call home do not. */
const quiet: Readonly<Record<string, string>> = {
  CI: "true",
  DO_NOT_TRACK: "1",
  TURBO_TELEMETRY_DISABLED: "1",
  NX_DAEMON: "false",
  NX_NO_CLOUD: "true",
  CHECKPOINT_DISABLE: "1",
  PRISMA_HIDE_UPDATE_MESSAGE: "1",
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
  pnpm_config_verify_deps_before_run: "false",
};
