import type { ToolchainKind } from "./toolchains.ts";

/** An image whose tools this machine may have. */
export interface ToolImage {
  /** Repository names without a registry; `docker.io/library/` is implied. */
  readonly names: readonly string[];
  /** The programs that people use the image for; each must be there. */
  readonly tools: readonly string[];
  readonly command: readonly string[];
  /** What its only tool is asked for its version with, where another version gives other answers. */
  readonly version?: readonly string[];
  /** Where the tools are not programs of their own but parts of a directory. */
  readonly toolchain?: ToolchainKind;
  /** Further names that the image has for a tool: `python` for python3. */
  readonly aliases?: Readonly<Record<string, string>>;
}

/** Images that are little more than a userland. */
export const plainImages: readonly ToolImage[] = [
  {
    names: ["debian", "ubuntu", "buildpack-deps", "bitnami/minideb"],
    tools: ["sh", "bash"],
    command: ["bash"],
  },
  { names: ["alpine", "busybox"], tools: ["sh"], command: ["/bin/sh"] },
];

export const toolImages: readonly ToolImage[] = [
  { names: ["alpine/git", "bitnami/git"], tools: ["git"], command: ["git", "--help"] },
  {
    names: ["aquasec/trivy", "ghcr.io/aquasecurity/trivy"],
    tools: ["trivy"],
    command: ["trivy"],
    version: ["--version"],
  },
  { names: ["anchore/grype"], tools: ["grype"], command: ["grype"], version: ["--version"] },
  { names: ["anchore/syft"], tools: ["syft"], command: ["syft"], version: ["--version"] },
  {
    names: ["zricethezav/gitleaks", "ghcr.io/gitleaks/gitleaks"],
    tools: ["gitleaks"],
    command: ["gitleaks"],
    version: ["version"],
  },
  {
    names: ["trufflesecurity/trufflehog", "ghcr.io/trufflesecurity/trufflehog"],
    tools: ["trufflehog"],
    command: ["trufflehog"],
    version: ["--version"],
  },
  {
    names: ["ghcr.io/google/osv-scanner", "google/osv-scanner"],
    tools: ["osv-scanner"],
    command: ["osv-scanner"],
    version: ["--version"],
  },
  { names: ["hadolint/hadolint"], tools: ["hadolint"], command: ["hadolint"], version: ["--version"] },
  { names: ["semgrep/semgrep", "returntocorp/semgrep"], tools: ["semgrep"], command: ["semgrep"] },
  { names: ["koalaman/shellcheck"], tools: ["shellcheck"], command: ["shellcheck"], version: ["--version"] },
  { names: ["curlimages/curl"], tools: ["curl"], command: ["curl", "--help"] },
  { names: ["rust"], tools: ["cargo", "rustc"], command: ["bash"], toolchain: "rust" },
  { names: ["golang"], tools: ["go"], command: ["bash"], toolchain: "go" },
  { names: ["python"], tools: ["python3"], command: ["python3"], aliases: { python: "python3" } },
  { names: ["ruby"], tools: ["ruby"], command: ["irb"] },
  { names: ["eclipse-temurin", "openjdk", "amazoncorretto"], tools: ["java"], command: ["java"] },
  { names: ["redis", "valkey/valkey"], tools: ["redis-server"], command: ["redis-server"] },
  { names: ["hashicorp/terraform"], tools: ["terraform"], command: ["terraform"] },
  { names: ["oven/bun"], tools: ["bun"], command: ["bun"] },
];
