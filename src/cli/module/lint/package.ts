import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModuleProblem } from "./lint.ts";

interface PackageFile {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** The engine installs the dependencies alone, and sees package.json, the lockfile and .npmrc only. */
export async function packageProblems(source: string): Promise<ModuleProblem[]> {
  const file = join(source, "package.json");
  if (!existsSync(file)) return [];
  const {
    dependencies = {},
    devDependencies = {},
    scripts = {},
  } = JSON.parse(await readFile(file, "utf8")) as PackageFile;
  const messages: string[] = [];
  if ("typescript" in devDependencies)
    messages.push("typescript is a devDependency: the engine's SDK needs it in dependencies");
  if ("@dagger.io/dagger" in dependencies) {
    messages.push(
      "@dagger.io/dagger is a dependency: it replaces the engine's own SDK and slows every call; make it a devDependency",
    );
  }
  for (const name of ["preinstall", "install", "postinstall", "prepare"].filter(
    (script) => script in scripts,
  )) {
    messages.push(`the script ${name} would run where only package.json is there`);
  }
  for (const [name, version] of Object.entries(dependencies)) {
    if (/^(file|workspace|link|portal):/.test(version))
      messages.push(`${name} is ${version}: the engine does not have that path`);
  }
  return messages.map((message) => ({ rule: "package", place: "package.json", message }));
}
