import type { Secret } from "@dagger.io/dagger";
import type { Config, ScanConfig, ScannerName } from "../../config/config.ts";
import type { Check } from "../checks/check.ts";
import type { Scanner, ScanOptions } from "./scanner.ts";

export type { Scanner } from "./scanner.ts";

/** By the names that fairway.yaml has for them. Each is loaded where it is used. */
const scanners: { readonly [Name in ScannerName]: () => Promise<Scanner<ScanOptions<Name>>> } = {
  audit: async () => (await import("./audit.ts")).audit,
  codeql: async () => (await import("./codeql.ts")).codeql,
  gitleaks: async () => (await import("./gitleaks.ts")).gitleaks,
  licenses: async () => (await import("./licenses/licenses.ts")).licenses,
  "osv-scanner": async () => (await import("./osv-scanner.ts")).osvScanner,
  sarif: async () => (await import("./sarif.ts")).sarif,
  secretlint: async () => (await import("./secretlint.ts")).secretlint,
  semgrep: async () => (await import("./semgrep.ts")).semgrep,
  snyk: async () => (await import("./snyk.ts")).snyk,
  trivy: async () => (await import("./trivy.ts")).trivy,
  trufflehog: async () => (await import("./trufflehog.ts")).trufflehog,
};

export async function scannerOf(options: ScanConfig): Promise<Scanner> {
  // Its options are those of its name: the schema has read them so.
  return await scanners[options.scan]();
}

/** Names of `--secrets` that scanners of the config are given. */
export function scanSecretNames({ checks }: Pick<Config, "checks">): string[] {
  return checks.some((check) => check.kind === "scan" && check.options.scan === "snyk") ? ["SNYK_TOKEN"] : [];
}

export interface ScanSurroundings {
  readonly now: Date;
  readonly secrets: Readonly<Record<string, Secret>>;
}

/** A scanner as a check: what it finds is judged by the policy. */
export function scanCheck(name: string, options: ScanConfig, { now, secrets }: ScanSurroundings): Check {
  const day = now.toISOString().slice(0, 10);
  return {
    name,
    ...(options.scan === "sarif" && options.script !== undefined ? { scripts: [options.script] } : {}),
    scans: true,
    run: async (context) => (await scannerOf(options)).scan({ ...context, day, secrets }, options),
  };
}
