import type { Client } from "@dagger.io/dagger";
import { validateConfig } from "../../../src/config/config.ts";
import { openProject, type Project } from "../../../src/steps/steps.ts";

const files = { "package.json": '{ "packageManager": "pnpm@10.34.9" }', "pnpm-lock.yaml": "" };

/** A repository without any package: the steps bring what they need. */
export async function projectIn(dag: Client): Promise<Project> {
  let source = dag.directory();
  for (const [path, text] of Object.entries(files)) source = source.withNewFile(path, text);
  return openProject(dag, source, validateConfig({ name: "shop" }, "test"));
}
