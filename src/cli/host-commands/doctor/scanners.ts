import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config, ScanConfig } from "../../../config/config.ts";
import { isFairwayError } from "../../../model/errors.ts";
import { hostRooms } from "../../run/session.ts";
import type { DoctorContext, Finding } from "./checks.ts";
import { rootFilesIn } from "./repository.ts";

const name = "scanners";

/** Whether each listed scanner can run on the embedded engine here, and what nobody looks at; null without a config. */
export async function listedScanners(context: DoctorContext): Promise<Finding | null> {
  const { config } = context;
  if (config === null) return null;
  const { scanSecretNames } = await import("../../../steps/steps.ts");
  const scans = config.checks.flatMap((check) => (check.kind === "scan" ? [check] : []));
  const looks = await Promise.all(scans.map((scan) => lookAt(scan.name, scan.options, config, context)));
  const unable = looks.filter((look) => look.problem !== null);
  const unseen = unseenIn(
    context,
    scans.map(({ options }) => options),
  );
  const asked = scanSecretNames(config);
  const secrets =
    asked.length === 0
      ? {}
      : { details: `with ${asked.join(", ")} in what --secrets names: else it is not settled` };
  if (unable.length === 0 && unseen.length === 0)
    return { name, state: "ok", needed: false, text: `can run here: ${namesOf(looks)}`, ...secrets };
  const able = looks.filter((look) => look.problem === null);
  const text = [
    ...(able.length === 0 ? [] : [`can run here: ${namesOf(able)}`]),
    ...unable.map((look) => `${look.name} cannot: ${look.problem?.text ?? ""}`),
    ...unseen.map(({ what }) => `nobody looks at ${what}`),
  ];
  const remedy = [
    ...unable.map((look) => `${look.name}: ${look.problem?.remedy ?? ""}`),
    ...(unseen.length === 0
      ? []
      : [`in checks: ${unseen.map(({ scan }) => `{ scan: ${scan} }`).join(", ")}`]),
  ];
  return {
    name,
    state: "missing",
    needed: false,
    text: text.join("; "),
    ...secrets,
    remedy: [...new Set(remedy)].join("\n"),
  };
}

interface Look {
  readonly name: string;
  readonly problem: { readonly text: string; readonly remedy: string } | null;
}

/** Its image is what decides: what it downloads is seen when it runs. */
async function lookAt(
  called: string,
  options: ScanConfig,
  config: Config,
  { places }: DoctorContext,
): Promise<Look> {
  const { detectToolchain, packageManager, scannerOf, toolImages } = await import("../../../steps/steps.ts");
  try {
    const manager = packageManager(detectToolchain(await rootFilesIn(places.repository)));
    const scanner = await scannerOf(options);
    const { sandbox } = await hostRooms(places)();
    await sandbox.standIn(scanner.image({ images: toolImages(config.toolImages), manager }, options));
    return { name: called, problem: null };
  } catch (error) {
    const remedy =
      (isFairwayError(error) ? error.remedy : undefined) ?? "use the real engine: --engine dagger";
    return { name: called, problem: { text: (error as Error).message, remedy } };
  }
}

const lockfiles = ["pnpm-lock.yaml", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "Cargo.lock"];

/** What was merely detected is told, and holds nothing. */
function unseenIn({ places }: DoctorContext, scans: readonly ScanConfig[]) {
  const has = (...names: readonly ScanConfig["scan"][]) => scans.some(({ scan }) => names.includes(scan));
  const lockfile = lockfiles.find((file) => existsSync(join(places.repository, file)));
  const isAudited = has("audit", "osv-scanner", "snyk", "sarif") || scans.some(isTrivyOfFiles);
  return [
    ...(has("secretlint", "gitleaks", "trufflehog") || scans.some(isTrivyOfFiles)
      ? []
      : [{ what: "keys and passwords in files", scan: "secretlint" }]),
    ...(lockfile === undefined || isAudited
      ? []
      : [{ what: `the dependencies in ${lockfile}`, scan: "audit" }]),
  ];
}

function isTrivyOfFiles(options: ScanConfig): boolean {
  return options.scan === "trivy" && options.of === "files";
}

function namesOf(looks: readonly Look[]): string {
  return looks.map((look) => look.name).join(", ");
}
