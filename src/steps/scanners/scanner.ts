import type { Secret } from "@dagger.io/dagger";
import type { ScanConfig, ScannerName } from "../../config/config.ts";
import type { ToolReport } from "../../model/finding.ts";
import type { CheckContext } from "../checks/check.ts";
import type { Project } from "../project.ts";

/** What fairway.yaml tells the scanner of this name. */
export type ScanOptions<Name extends ScannerName> = Extract<ScanConfig, { scan: Name }>;

/** A tool that looks for something in a repository, in one version. */
export interface Scanner<Options = ScanConfig> {
  /** One line, for `doctor` and the docs. */
  readonly finds: string;
  /** The image that it is run in, which this machine may or may not stand in for. */
  image(project: Pick<Project, "images" | "manager">, options: Options): string;
  /** @throws ExecError where its step fails: that it found something is no failure */
  scan(context: ScanContext, options: Options): Promise<ToolReport>;
}

export interface ScanContext extends CheckContext {
  /** `2026-12-01`, in UTC: what is asked of the world outside is asked anew each day. */
  readonly day: string;
  /** Those of the config's scanners that `--secrets` has, by name. */
  readonly secrets: Readonly<Record<string, Secret>>;
}
