import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { coreTypeNames, writeClientTypes } from "../client-types.ts";
import type { Manifest } from "../manifest.ts";
import { scanModule } from "../scan.ts";
import { moduleSourceFiles, readModuleSettings } from "../source-files.ts";
import { importProblems } from "./imports.ts";
import { nameProblems } from "./names.ts";
import { packageProblems } from "./package.ts";
import { signatureProblems } from "./signatures.ts";
import { stateProblems } from "./state.ts";

/** Something that a real engine would refuse, or drop without a word. */
export interface ModuleProblem {
  /** Which rule: permanent, for people who look it up. */
  readonly rule:
    | "scanner"
    | "reserved-name"
    | "core-type-name"
    | "runtime-export"
    | "hidden-function"
    | "dependency"
    | "left-out-import"
    | "package"
    | "lost-state";
  /** `src/module.ts:12`, or a class and its function. */
  readonly place: string;
  readonly message: string;
}

export interface LintRequest {
  /** The directory of dagger.json. */
  readonly root: string;
  /** Directory of the @dagger.io/dagger package. */
  readonly sdk: string;
  /** A directory for the scanner's copy of the client's types. */
  readonly scratch: string;
}

/**
 * All that would go wrong when a real engine loads this module, without one: its rules are known from trying
 * (what the scanner accepts is not always what the engine shows). Runs none of the module's code.
 */
export async function lintModule({ root, sdk, scratch }: LintRequest): Promise<readonly ModuleProblem[]> {
  const settings = await readModuleSettings(join(root, "dagger.json"));
  const files = await moduleSourceFiles(root, settings);
  const clientTypes = await writeClientTypes(sdk, scratch);
  const core = coreTypeNames(await readFile(clientTypes, "utf8"));
  const source = join(root, settings.source);

  const problems: ModuleProblem[] = [
    ...(await importProblems({ root, source, files, core })),
    ...(await packageProblems(source)),
    ...(await stateProblems(root, files)),
  ];
  let manifest: Manifest;
  try {
    const scanned = await scanModule({ name: settings.name, root, files, clientTypes, sdk });
    manifest = scanned.manifest;
    problems.push(
      ...scanned.warnings.map((message) => ({ rule: "scanner" as const, place: settings.name, message })),
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [...problems, { rule: "scanner", place: settings.name, message }];
  }
  return [...problems, ...(await nameProblems(manifest, core, root)), ...signatureProblems(manifest, core)];
}
