import type { Config } from "../config/config.ts";

/** The images that Fairway's own steps run in. Each can be replaced under `toolImages` of the config. */
export interface ToolImages {
  /** Package manager, scripts and Prisma; Debian with git, OpenSSL and compilers, which native packages want. */
  readonly node: string;
  /** cargo, on Debian with a linker and OpenSSL. */
  readonly rust: string;
  readonly git: string;
  /** The image of a PostgreSQL server of this version: `"18"`. */
  readonly postgres: (version: string) => string;
}

const defaultToolImages = {
  node: "node:24-bookworm",
  rust: "rust:1.95-bookworm",
  git: "alpine/git:2.49.1",
  postgres: "postgres",
} as const;

export function toolImages(overrides: Config["toolImages"]): ToolImages {
  const postgres = overrides.postgres ?? defaultToolImages.postgres;
  return {
    node: overrides.node ?? defaultToolImages.node,
    rust: overrides.rust ?? defaultToolImages.rust,
    git: overrides.git ?? defaultToolImages.git,
    postgres: (version) => (hasTag(postgres) ? postgres : `${postgres}:${version}`),
  };
}

function hasTag(reference: string): boolean {
  return reference.includes("@") || (reference.split("/").at(-1) ?? "").includes(":");
}
