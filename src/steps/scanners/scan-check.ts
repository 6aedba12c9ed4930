import type { Check } from "../checks/check.ts";
import type { Scanner } from "./scanner.ts";
import { secretlint } from "./secretlint.ts";

/** By the names that fairway.yaml has for them. */
const scanners: Readonly<Record<ScannerName, Scanner>> = { secretlint };

type ScannerName = "secretlint";

/** A scanner as a check: what it finds is judged by the policy. */
export function scanCheck(name: string, scanner: ScannerName): Check {
  return { name, scans: true, run: (context) => scanners[scanner].scan(context) };
}
