import { usageError } from "../../../model/errors.ts";
import { cargoTasks } from "../detect/cargo.ts";
import type { PackageManager } from "./package-manager.ts";

/** In the official images; cargo itself lies below it too, so that only what is downloaded is kept. */
const home = "/usr/local/cargo";

export const cargo: PackageManager = {
  image: "rust",
  // The image of the Rust project comes without the two.
  setup: [
    [
      "sh",
      "-euc",
      "# have clippy and rustfmt\ncargo clippy --version && cargo fmt --version || rustup component add clippy rustfmt",
    ],
  ],
  install: ["cargo", "fetch", "--locked"],
  run: (task) => cargoTasks[task] ?? ["cargo", task],
  exec: ([program = ""]) => {
    throw usageError(`${program} is a program of npm's, and this repository has no package.json`, {
      code: "TOOLCHAIN_UNSUPPORTED",
      place: "Cargo.toml",
      remedy: "Only repositories that pnpm, npm or yarn installs have one.",
    });
  },
  node: ["node"],
  lifecycle: () => null,
  caches: { [`${home}/registry`]: "fairway-cargo-registry", [`${home}/git`]: "fairway-cargo-git" },
  variables: { CARGO_TERM_COLOR: "never" },
  manifests: null,
};
