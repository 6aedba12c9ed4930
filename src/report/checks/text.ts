import { canonicalJson, type Json } from "../../model/canonical-json.ts";
import { visibleJson } from "../../model/visible.ts";
import { evidenceSection } from "../../release/gates/gates.ts";
import { evidenceText } from "../outcome.ts";
import { isTold, type CheckReport } from "./report.ts";

/** A line for each check, then the last words of all that failed, were not settled, or have something to say. */
export function checkText(report: CheckReport): string {
  return [evidenceText(report.evidence), ...report.evidence.filter(isTold).map(evidenceSection)].join("\n\n");
}

/** The evidence as it is. */
export function checkJson({ evidence }: CheckReport): string {
  return visibleJson(canonicalJson(evidence as unknown as Json));
}
