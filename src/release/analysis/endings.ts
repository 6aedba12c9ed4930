import { failure, held } from "../../model/errors.ts";
import type { AnalyseOperation } from "../../model/plan.ts";
import { reviewNeeded } from "../health/health.ts";

/** The code of the error that says: what is looked at is worse, and has to go. */
export const analysisFailed = "ANALYSIS_FAILED";

export function worse({ version, percent }: AnalyseOperation, why: string) {
  return failure(
    `${version} with ${String(percent)} % of the visitors is worse than what serves beside it: ${why}`,
    {
      code: analysisFailed,
    },
  );
}

/** A person decides, or it goes back, as the plan says. */
export function insufficient({ version, percent, whenInsufficient }: AnalyseOperation, missing: string) {
  const message = `not enough is known of ${version} with ${String(percent)} % of the visitors: ${missing}`;
  return whenInsufficient === "roll-back"
    ? failure(message, { code: analysisFailed })
    : held(message, { code: reviewNeeded });
}
