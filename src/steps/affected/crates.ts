import { posix } from "node:path";
import type { Container } from "@dagger.io/dagger";
import { workspace } from "../toolchains/toolchains.ts";
import type { Packages } from "./affected.ts";

/** The part of what `cargo metadata` says that is read here. */
interface Metadata {
  readonly packages: readonly {
    readonly name: string;
    readonly manifest_path: string;
    /** Those of the repository have a path. */
    readonly dependencies: readonly { readonly path?: string | null }[];
  }[];
}

const metadata = ["cargo", "metadata", "--no-deps", "--format-version", "1", "--locked"];

/** Files at the root that are about all crates, also where one of them lives there. */
const forAll = /^(Cargo\.(toml|lock)|rust-toolchain(\.toml)?|\.?(clippy|rustfmt)\.toml|\.cargo\/.*)$/;

export async function cratesIn(installed: Container): Promise<Packages> {
  return cratesFrom(await installed.withExec(metadata).stdout());
}

/** @param text what `cargo metadata` printed in a step */
export function cratesFrom(text: string): Packages {
  const crates = (JSON.parse(text) as Metadata).packages.map(({ name, manifest_path, dependencies }) => ({
    name,
    directory: folder(posix.dirname(manifest_path)),
    needs: dependencies.flatMap(({ path }) => (typeof path === "string" ? [folder(path)] : [])),
  }));
  return {
    directories: crates.map(({ directory }) => directory).sort(),
    decidesForAll: (path) => forAll.test(path),
    dependentsOf: (directories) => {
      const affected = new Set(directories);
      for (let before = -1; before !== affected.size;) {
        before = affected.size;
        for (const { directory, needs } of crates)
          if (needs.some((need) => affected.has(need))) affected.add(directory);
      }
      return crates
        .filter(({ directory }) => affected.has(directory))
        .map(({ name }) => name)
        .sort();
    },
  };
}

/** From the root of the repository; `.` for the root. */
function folder(path: string): string {
  return posix.relative(workspace, path) || ".";
}
