import type { Container } from "@dagger.io/dagger";
import type { Project } from "../project.ts";
import type { Check } from "./check.ts";

/** A script of the root package.json: it passes when it ends with 0. */
export function scriptCheck(name: string, script: string): Check {
  return {
    name,
    scripts: [script],
    run: async ({ project, progress }) =>
      withTaskCache(project, await project.installed(progress)).withExec([...project.manager.run(script)]),
  };
}

/** Keeps the task runner's own results between runs, so that an edit runs again only what it concerns. */
function withTaskCache(project: Project, container: Container): Container {
  if (!project.toolchain.turborepo) return container;
  const path = "/var/cache/fairway/turbo";
  return container
    .withMountedCache(path, project.client.cacheVolume(`fairway-turbo-${project.config.name}`))
    .withEnvVariable("TURBO_CACHE_DIR", path);
}
