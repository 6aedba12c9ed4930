import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { usageError } from "../../model/errors.ts";
import { repositoryOf, type Places } from "../places.ts";
import type { Manifest } from "./manifest.ts";
import { mainObject } from "./manifest.ts";
import type { LoadRequest } from "./load.ts";

/** The module whose functions are the commands: Fairway's own, or the team's. */
export interface PipelineModule {
  readonly kind: "stock" | "team";
  /** For people: `Fairway's stock module`, `ci/dagger.json`. */
  readonly place: string;
  /** Its dagger.json; the stock module has Fairway's. */
  readonly settingsFile: string;
  /** The directory from which the module finds its packages. */
  readonly root: string;
  /** The repository that default paths are of; undefined where that is the one which is delivered. */
  readonly context?: string;
  /**
   * What the module's code is, by which answers of its functions are kept. The stock module has none: of its
   * functions only `images` may be kept, and that publishes to a registry of this machine, which may be gone.
   */
  readonly content?: string;
  /** What dagger.json says for functions without a policy of their own. */
  readonly defaultCache?: "session";
  readonly manifest: Manifest;
  readonly loading: LoadRequest;
}

/**
 * The module named by `-m`, else the repository's own (dagger.json, ci/dagger.json), else the stock module.
 * Neither runs the module's code nor, but for the first scan of a changed module, imports the SDK.
 */
export async function openModule(places: Places, named: string | undefined): Promise<PipelineModule> {
  const settingsFile = named === undefined ? await ownSettings(places) : namedFile(places, named);
  if (settingsFile === undefined || dirname(settingsFile) === places.package) return stockModule(places);
  const { openTeamModule } = await import("./team.ts");
  const team = await openTeamModule(places, settingsFile);
  // As the engine has it: default paths are of the repository that contains the module, not of the caller's.
  return named === undefined ? team : { ...team, context: repositoryOf(dirname(settingsFile)) };
}

/** Its manifest is made when Fairway is built: nobody pays for a scan. */
export async function stockModule(places: Places): Promise<PipelineModule> {
  const manifest = JSON.parse(await readFile(join(places.package, "dist/manifest.json"), "utf8")) as Manifest;
  const fromSource = import.meta.url.endsWith(".ts");
  return {
    kind: "stock",
    place: "the stock module",
    settingsFile: join(places.package, "dagger.json"),
    root: places.package,
    manifest,
    loading: {
      file: join(places.package, fromSource ? "src/module.ts" : "dist/module.js"),
      className: mainObject(manifest).name,
      tsconfig: join(places.package, "tsconfig.json"),
    },
  };
}

function namedFile(places: Places, named: string): string {
  const path = resolve(places.workdir, named);
  const file = path.endsWith("dagger.json") ? path : join(path, "dagger.json");
  if (existsSync(file)) return file;
  throw usageError(`there is no module at ${named}: no ${file}`, {
    code: "MODULE_MISSING",
    remedy: "name a directory that holds a dagger.json, or write one with: npx fairway init --module",
  });
}

/** The repository's own. A dagger.json without an SDK only lists toolchains (`dagger init && dagger toolchain install`). */
export async function ownSettings(places: Places): Promise<string | undefined> {
  for (const file of ["dagger.json", "ci/dagger.json"].map((name) => join(places.repository, name))) {
    if (!existsSync(file)) continue;
    const settings = JSON.parse(await readFile(file, "utf8")) as { sdk?: unknown };
    if (settings.sdk !== undefined) return file;
  }
  return undefined;
}
