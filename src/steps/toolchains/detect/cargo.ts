import { usageError } from "../../../model/errors.ts";
import type { Toolchain } from "../toolchain.ts";

/** What checks may name in a repository of cargo's: nobody writes scripts there. */
export const cargoTasks: Readonly<Record<string, readonly string[]>> = {
  fmt: ["cargo", "fmt", "--all", "--check"],
  clippy: ["cargo", "clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
  build: ["cargo", "build", "--workspace", "--release", "--locked"],
  test: ["cargo", "test", "--workspace", "--locked"],
};

/** @throws FairwayError LOCKFILE_MISSING (exit 2): without one, the same commit is another program tomorrow */
export function detectCargo(files: readonly string[]): Toolchain {
  if (!files.includes("Cargo.lock")) {
    throw usageError("the repository is built with cargo, and has no Cargo.lock", {
      code: "LOCKFILE_MISSING",
      place: "Cargo.toml",
      remedy: "Make it and commit it, also for a library:\ncargo generate-lockfile",
    });
  }
  const pinned = files.filter((name) => name === "rust-toolchain.toml" || name === "rust-toolchain");
  return {
    manager: "cargo",
    version: null,
    lockfile: "Cargo.lock",
    runner: null,
    tasks: Object.fromEntries(Object.entries(cargoTasks).map(([name, argv]) => [name, argv.join(" ")])),
    workspaces: [],
    rootTasks: [],
    linker: "node-modules",
    readFrom: ["Cargo.toml", "Cargo.lock", ...pinned],
  };
}
