import type { Json } from "../../model/canonical-json.ts";
import { isFairwayError } from "../../model/errors.ts";
import { spentBy, triesOf, type Analysing } from "../analysis/analysis.ts";
import type { ApplyContext } from "./apply.ts";

/** A ledger that is away for a moment is asked again so often: nothing that serves well is taken away for it. */
const tries = 5;
const pauseMs = 2000;

/**
 * Where an analysis writes its looks down, each as an event of its own; and what was spent by those of before, whether they were
 * cut off or a person sent it on looking.
 */
export async function journaledLooks(
  { index, limits }: { readonly index: number; readonly limits: number },
  { environment, deployment, actor, ledger, lease, clock }: ApplyContext,
  { signal, report }: Pick<Analysing, "signal" | "report">,
): Promise<Pick<Analysing, "spentBefore" | "looked">> {
  const types = ["operation-started", "analysis-looked"] as const;
  const events = await ledger.read({ environment, deployment, types: [...types] });
  const earlier = triesOf(events, index).filter((looks) => looks.length > 0);
  const looks = earlier.reduce((sum, one) => sum + one.length, 0);
  if (looks > 0)
    report(`it was looked at before, ${String(looks)} times: what that has spent is not spent again`);
  return {
    spentBefore: spentBy(earlier, limits),
    looked: async (look) => {
      const payload = { index, wayBack: false, look: look as unknown as Json };
      for (let tried = 1; ; tried += 1) {
        try {
          await ledger.append({ environment, deployment, type: "analysis-looked", actor, payload }, lease);
          return;
        } catch (error) {
          const isOver = isFairwayError(error) && error.code === "LEASE_LOST";
          if (isOver || tried >= tries) throw error;
          await clock.sleep(pauseMs, signal);
        }
      }
    },
  };
}
