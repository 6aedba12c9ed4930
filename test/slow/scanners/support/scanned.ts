import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Repository, repositoryOf } from "../../../e2e/support/repository.ts";

/** A small repository that asks for one scanner and has nothing to find. */
export async function scannedRepository(
  scan: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Repository> {
  const repository = await repositoryOf("tiny", variables);
  const yaml = await readFile(join(repository.path, "fairway.yaml"), "utf8");
  await repository.write("fairway.yaml", yaml.replace(/^checks: .*$/m, `checks: [{ scan: ${scan} }]`));
  repository.commit(`Scan by ${scan}`);
  return repository;
}

/** A package-lock.json with these packages. */
export function npmLockfile(packages: Readonly<Record<string, string>>): string {
  const entries = Object.entries(packages).map(([name, version]) => [`node_modules/${name}`, { version }]);
  const root = { name: "tiny", version: "1.0.0", dependencies: packages };
  return JSON.stringify({
    ...{ name: "tiny", version: "1.0.0", lockfileVersion: 3, requires: true },
    packages: { "": root, ...Object.fromEntries(entries) },
  });
}
