import { randomUUID } from "node:crypto";
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
  // What the scanner answered in an earlier run of the test is no answer of this one's server.
  await repository.write("run.txt", randomUUID());
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

/** A Cargo.lock with these crates of crates.io. */
export function cargoLockfile(crates: Readonly<Record<string, string>>): string {
  const source = "registry+https://github.com/rust-lang/crates.io-index";
  const entries = Object.entries(crates).map(
    ([name, version]) =>
      `[[package]]\nname = "${name}"\nversion = "${version}"\nsource = "${source}"\nchecksum = "${"0".repeat(64)}"\n`,
  );
  const names = JSON.stringify(Object.keys(crates));
  const root = `[[package]]\nname = "tiny"\nversion = "1.0.0"\ndependencies = ${names}\n`;
  return ["version = 4\n", root, ...entries].join("\n");
}
