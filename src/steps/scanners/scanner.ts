import type { ToolReport } from "../../model/finding.ts";
import type { CheckContext } from "../checks/check.ts";

/** A tool that looks for something in the source, pinned: the same source has the same findings. */
export interface Scanner {
  /** What fairway.yaml calls it. */
  readonly name: string;
  /** One line, for `doctor` and the docs: what it looks for. */
  readonly finds: string;
  /** The version that is run. */
  readonly version: string;
  /** @throws ExecError where its step fails: that it found something is no failure */
  scan(context: Pick<CheckContext, "dag" | "source" | "project" | "progress">): Promise<ToolReport>;
}
