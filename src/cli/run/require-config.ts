import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { FunctionCall } from "../commands/invocation.ts";
import type { PipelineModule } from "../module/module.ts";
import type { Project } from "./project.ts";

/**
 * A directory without fairway.yaml is told at once, before all of it is read into an engine. Only the stock module
 * needs the file: a team's own is its config. @throws FairwayError CONFIG_MISSING or SOURCE_IS_FAIRWAY (exit 2)
 */
export async function requireConfig(
  call: FunctionCall,
  module: Pick<PipelineModule, "kind">,
  project: Project,
  workdir: string,
): Promise<void> {
  // A record is also verified where no repository is; migrations are also read where there is nothing else.
  const needsNone = "record" in call.values || call.definition.name === "migrations";
  if (module.kind !== "stock" || needsNone) return;
  const given = call.constructorValues["source"];
  const source =
    typeof given === "string" ? resolve(workdir, given.replace(/^file:\/\//, "")) : project.repository;
  // A path that is not there is told by the argument itself.
  if (!existsSync(source)) return;
  const { configFile, configMissing } = await import("../../delivery/config-file.ts");
  if (existsSync(join(source, configFile))) return;
  const { refuseFairwaysOwnRepository } = await import("../../steps/source/source.ts");
  refuseFairwaysOwnRepository(await readFile(join(source, "package.json"), "utf8").catch(() => undefined));
  throw configMissing();
}
