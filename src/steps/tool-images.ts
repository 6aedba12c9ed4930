import type { Config } from "../config/config.ts";

/** The images that Fairway's own steps run in. Each can be replaced under `toolImages` of the config. */
export interface ToolImages {
  /** Package manager, scripts and Prisma; Debian with git, OpenSSL and compilers, which native packages want. */
  readonly node: string;
  /** cargo, on Debian with a linker and OpenSSL. */
  readonly rust: string;
  readonly git: string;
  /** Scanners that are built from their Go source. */
  readonly go: string;
  /** Scanners that pip installs. */
  readonly python: string;
  readonly trivy: string;
  readonly trufflehog: string;
  /** The image of a PostgreSQL server of this version: `"18"`. */
  readonly postgres: (version: string) => string;
  /** The image of a Redis server of this version: `"8"`. */
  readonly redis: (version: string) => string;
  /** With a browser and what the toolchain's image has; null for the toolchain's own, to which a browser is added. */
  readonly browser: string | null;
}

const defaultToolImages = {
  node: "node:24-bookworm",
  rust: "rust:1.95-bookworm",
  git: "alpine/git:2.49.1",
  go: "golang:1.26-bookworm",
  python: "python:3.13-slim-bookworm",
  trivy: "aquasec/trivy:0.73.0@sha256:7cced7cae583819fc7806d4cbc0dbbc7cad18b99f7d3e235192e6da8c091045c",
  trufflehog:
    "trufflesecurity/trufflehog:3.96.0@sha256:aa821cf4ace8861c7d096d83818cdf7bb9719028a52d37a52eaad44086a52577",
  postgres: "postgres",
  redis: "redis",
} as const;

export function toolImages({ browser, ...overrides }: Config["toolImages"]): ToolImages {
  const { postgres, redis, ...images } = { ...defaultToolImages, ...defined(overrides) };
  return { ...images, browser: browser ?? null, postgres: ofVersion(postgres), redis: ofVersion(redis) };
}

function ofVersion(image: string): (version: string) => string {
  return (version) => (hasTag(image) ? image : `${image}:${version}`);
}

function defined(
  overrides: Omit<Config["toolImages"], "browser">,
): Partial<Record<keyof typeof defaultToolImages, string>> {
  return Object.fromEntries(Object.entries(overrides).filter(([, image]) => image !== undefined));
}

function hasTag(reference: string): boolean {
  return reference.includes("@") || (reference.split("/").at(-1) ?? "").includes(":");
}
