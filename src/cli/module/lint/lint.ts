import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { coreTypeNames, writeClientTypes } from "../client-types.ts";
import { scanModule, type ScanResult } from "../scan.ts";
import { moduleSourceFiles, readModuleSettings, type ModuleSettings } from "../source-files.ts";
import { callProblems } from "./calls.ts";
import { defaultProblems } from "./defaults.ts";
import { effectProblems } from "./effects.ts";
import { importProblems } from "./imports.ts";
import { loadingProblems } from "./loading.ts";
import { nameProblems } from "./names.ts";
import { packageProblems } from "./package.ts";
import { inferredProblems, refusal, warning } from "./scanned.ts";
import { signatureProblems } from "./signatures.ts";
import { readModuleSource, type ModuleSource } from "./source.ts";
import { stateProblems } from "./state.ts";

/** Something that a real engine would refuse, or drop or change without a word. */
export interface ModuleProblem {
  /** Which rule: permanent, for people who look it up. */
  readonly rule:
    | "main-class"
    | "reserved-name"
    | "core-type-name"
    | "hidden-function"
    | "signature"
    | "property"
    | "integer"
    | "default"
    | "lost-state"
    | "imported-at-call"
    | "dependency"
    | "left-out-import"
    | "library-import"
    | "runtime-export"
    | "package"
    | "lockfile"
    | "cache"
    | "lost-outcome"
    | "skipped-check"
    | "unseen-output"
    | "returned-secret"
    | "scanner";
  /** `src/module.ts:12` */
  readonly place: string;
  readonly message: string;
  /** What to write or type instead. */
  readonly remedy: string;
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
 * All that would go wrong when a real engine loads or calls this module, without one: its rules are known from trying
 * (what the scanner accepts is not always what the engine shows). Runs none of the module's code.
 */
export async function lintModule({ root, sdk, scratch }: LintRequest): Promise<readonly ModuleProblem[]> {
  const settings = await readModuleSettings(join(root, "dagger.json"));
  const files = await moduleSourceFiles(root, settings);
  const clientTypes = await writeClientTypes(sdk, scratch);
  const core = coreTypeNames(await readFile(clientTypes, "utf8"));
  const source = await readModuleSource(root, files);
  const directory = join(root, settings.source);
  const place = await placeOfName(root, settings);

  const problems: ModuleProblem[] = [
    ...nameProblems(source, { main: pascalCase(settings.name), place, core }),
    ...signatureProblems(source),
    ...defaultProblems(source),
    ...stateProblems(source),
    ...loadingProblems(source),
    ...(await importProblems(source, { directory, core })),
    ...(await packageProblems(root, directory)),
    ...effectProblems(source),
    ...callProblems(source),
  ];
  const scan = () => scanModule({ name: settings.name, root, files, clientTypes, sdk });
  return [...problems, ...(await scannerProblems(scan, source, { problems, place, core }))];
}

interface Known {
  readonly problems: readonly ModuleProblem[];
  readonly place: string;
  readonly core: ReadonlySet<string>;
}

/** What no rule of ours found; the scanner itself ends at the first thing that it refuses. */
async function scannerProblems(
  scan: () => Promise<ScanResult>,
  source: ModuleSource,
  { problems, place, core }: Known,
): Promise<ModuleProblem[]> {
  try {
    const { manifest, warnings } = await scan();
    const news = warnings.filter((message) => !message.startsWith("missing export in class"));
    return [
      ...news.map((message) => warning(source, message, place)),
      ...inferredProblems(source, manifest, core),
    ];
  } catch (error) {
    const isKnown = problems.some(({ rule }) => ["signature", "property", "main-class"].includes(rule));
    return isKnown ? [] : [refusal(source, error instanceof Error ? error.message : String(error), place)];
  }
}

async function placeOfName(root: string, { name }: ModuleSettings): Promise<string> {
  const lines = (await readFile(join(root, "dagger.json"), "utf8")).split("\n");
  const index = lines.findIndex((line) => line.includes(`"name"`) && line.includes(JSON.stringify(name)));
  return `dagger.json:${String(Math.max(index, 0) + 1)}`;
}

/** As the SDK makes a class's name of a module's. */
function pascalCase(name: string): string {
  return name
    .split(/(?=[A-Z0-9])|[^a-zA-Z0-9]|(?<=[a-zA-Z])(?=\d)|(?<=\d)(?=[a-zA-Z])/g)
    .filter((word) => word !== "")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join("");
}
