import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";

const sdkName = "@dagger.io/dagger";

/**
 * The file of an installed library, as a path in its package, that imports the SDK by value when the library is
 * imported; undefined where none does, or where the library is not installed.
 */
export async function libraryWithSdk(directory: string, specifier: string): Promise<string | undefined> {
  const entry = entryOf(directory, specifier);
  const home = entry === undefined ? undefined : await packageOf(entry);
  // Only one that declares the SDK can have it; all others are not read.
  if (entry === undefined || home?.namesSdk !== true) return undefined;
  const seen = new Set([entry]);
  for (const path of seen) {
    const { importedFiles } = ts.preProcessFile(await readFile(path, "utf8"), true, true);
    for (const { fileName } of importedFiles) {
      if (fileName === sdkName) return path.slice(home.directory.length + 1);
      const target = resolve(dirname(path), fileName);
      if (fileName.startsWith(".") && /\.[cm]?js$/.test(target) && existsSync(target)) seen.add(target);
    }
  }
  return undefined;
}

function entryOf(directory: string, specifier: string): string | undefined {
  try {
    return createRequire(join(directory, "package.json")).resolve(specifier);
  } catch {
    return undefined;
  }
}

async function packageOf(file: string): Promise<{ directory: string; namesSdk: boolean } | undefined> {
  for (let directory = dirname(file); directory !== dirname(directory); directory = dirname(directory)) {
    const path = join(directory, "package.json");
    if (!existsSync(path)) continue;
    const content = JSON.parse(await readFile(path, "utf8")) as Record<
      string,
      Record<string, string> | undefined
    >;
    if (content["name"] === undefined) continue;
    const namesSdk = ["dependencies", "peerDependencies"].some(
      (kind) => content[kind]?.[sdkName] !== undefined,
    );
    return { directory, namesSdk };
  }
  return undefined;
}
