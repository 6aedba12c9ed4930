import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { usageError } from "../../model/errors.ts";
import type { Places } from "../places.ts";
import { writeClientTypes } from "./client-types.ts";
import { mainObject, type Manifest } from "./manifest.ts";
import type { PipelineModule } from "./module.ts";
import { scanModule } from "./scan.ts";
import { requireSdk } from "./sdk.ts";
import { moduleSourceFiles, readModuleSettings } from "./source-files.ts";

/** A team's own module: scanned when its source is new, remembered by content. */
export async function openTeamModule(places: Places, settingsFile: string): Promise<PipelineModule> {
  const root = dirname(settingsFile);
  const place = relative(places.workdir, settingsFile) || settingsFile;
  const settings = await readModuleSettings(settingsFile, place);
  const source = join(root, settings.source);
  const files = await moduleSourceFiles(root, settings);
  const sdk = requireSdk(source);
  const key = await contentKey([
    settingsFile,
    join(sdk, "package.json"),
    join(source, "tsconfig.json"),
    ...files,
  ]);
  const memory = join(places.cache, "manifests", key);

  const manifest =
    (await remembered(memory)) ??
    (await remember(memory, async () => {
      if (files.length === 0) throw noFunctions(place, "there is no TypeScript file under src");
      const clientTypes = await writeClientTypes(sdk, memory);
      const scanned = await scanModule({ name: settings.name, root, files, clientTypes, sdk }).catch(
        (error: unknown) => {
          throw refused(place, error);
        },
      );
      return scanned.manifest;
    }));
  const main = manifest.objects[manifest.main];
  if (main?.file == null) throw noFunctions(place, `no class is named ${manifest.main}, after the module`);
  return {
    kind: "team",
    place,
    settingsFile,
    root: source,
    content: await contentKey(
      [join(source, "package.json"), ...lockfiles.map((name) => join(source, name))],
      key,
    ),
    ...(settings.disableDefaultFunctionCaching ? { defaultCache: "session" } : {}),
    manifest,
    loading: {
      file: join(root, main.file),
      className: mainObject(manifest).name,
      tsconfig: await compilerSettings(memory, join(source, "tsconfig.json")),
    },
  };
}

/** Other packages are other code, though the signatures are the same. */
const lockfiles = ["package-lock.json", "pnpm-lock.yaml", "yarn.lock"];

async function contentKey(files: readonly string[], before = ""): Promise<string> {
  const hash = createHash("sha256").update(`manifest 2\0${before}`);
  for (const file of files) {
    const content = existsSync(file) ? await readFile(file) : "";
    hash.update(file).update("\0").update(String(content.length)).update("\0").update(content);
  }
  return hash.digest("hex").slice(0, 32);
}

async function remembered(directory: string): Promise<Manifest | undefined> {
  const text = await readFile(join(directory, "manifest.json"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Manifest);
}

async function remember(directory: string, make: () => Promise<Manifest>): Promise<Manifest> {
  await mkdir(directory, { recursive: true });
  const manifest = await make();
  const draft = join(directory, `manifest.${String(process.pid)}.json`);
  await writeFile(draft, JSON.stringify(manifest));
  await rename(draft, join(directory, "manifest.json"));
  return manifest;
}

/** The module's own compiler settings, with decorators on, and without the generated SDK that only the engine has. */
async function compilerSettings(directory: string, own: string): Promise<string> {
  const file = join(directory, "tsconfig.json");
  const settings = {
    ...(existsSync(own) ? { extends: own } : {}),
    compilerOptions: { experimentalDecorators: true, paths: {} },
    // Else it would hold for what stands beside it only.
    include: [join(dirname(own), "**/*")],
  };
  await writeFile(file, JSON.stringify(settings));
  return file;
}

function refused(place: string, error: unknown): Error {
  return usageError(`the module does not load: ${error instanceof Error ? error.message : String(error)}`, {
    code: "MODULE_REFUSED",
    place,
    remedy:
      "Dagger would refuse it in the same way; its rules: https://docs.dagger.io/extending/custom-functions",
    cause: error,
  });
}

function noFunctions(place: string, why: string): Error {
  return usageError(`the module has no functions: ${why}`, {
    code: "MODULE_EMPTY",
    place,
    remedy:
      "the main class carries @object() and the module's name in PascalCase; its functions carry @func()",
  });
}
