import {
  asPayload,
  checksStream,
  findingsChanged,
  findingsChanges,
  hasDeadlines,
  knownFindings,
  type Sighting,
  sightingsOf,
} from "../findings/findings.ts";
import { isFairwayError } from "../model/errors.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Ledger } from "../model/ledger.ts";
import { type ChecksMemory, forgetful, type Found, withDeadline } from "../steps/steps.ts";
import type { Delivery } from "./delivery.ts";
import { checksLedger } from "./providers.ts";

/**
 * What checks remember, in the ledger of the environment that is deployed to, or (null) in the pipeline's own. A ledger is opened
 * only where something is treated by when it was first seen.
 */
export async function checksMemory(
  delivery: Delivery,
  environment: string | null,
  findings: Parameters<typeof hasDeadlines>[0],
): Promise<ChecksMemory> {
  if (!hasDeadlines(findings)) return forgetful({ why: "nothing has one", remedy: "" });
  try {
    const ledger = await (environment === null ? checksLedger(delivery) : delivery.ledger(environment));
    const events = await ledger.read({ environment: checksStream });
    return inLedger(delivery, ledger, sightingsOf(events), await whereOf(delivery, environment));
  } catch (error) {
    if (!isFairwayError(error)) throw error;
    return forgetful({ why: error.message, remedy: error.remedy ?? "Its ledger has to be within reach." });
  }
}

interface Where {
  readonly scope: string | null;
  readonly commit: string | null;
}

/** A branch that is not known is any: what such a checkout has not, another may have. */
async function whereOf(delivery: Delivery, environment: string | null): Promise<Where> {
  const { branch, commit } = await delivery.facts();
  return { scope: environment === null ? branch : `environment ${environment}`, commit };
}

function inLedger(
  delivery: Delivery,
  ledger: Ledger,
  sightings: readonly Sighting[],
  where: Where,
): ChecksMemory {
  return {
    known: knownFindings(sightings, where.scope),
    keep: async ({ evidence, complete }: Found) => {
      const findings = withDeadline(evidence);
      const changes = findingsChanges(sightings, { ...where, findings, complete });
      try {
        for (const change of changes)
          await ledger.append({
            ...{ environment: checksStream, deployment: null, type: findingsChanged },
            ...{ actor: delivery.actor, payload: asPayload(change) },
          });
        return [];
      } catch (error) {
        if (!isFairwayError(error)) throw error;
        const isNew = changes.some(({ appeared }) => appeared.length > 0);
        if (isNew) return [notKept(error.message, error.remedy)];
        delivery.progress.note(`which findings are gone could not be written down: ${error.message}`);
        return [];
      }
    },
  };
}

/** What was known before goes on by its days; what is new would be new for ever. */
function notKept(why: string, remedy = "The ledger has to take events."): Evidence {
  const summary = `the day on which new findings were first seen could not be written down: ${why}`;
  return { name: "first-seen", durationMs: 0, verdict: "insufficient", summary, missing: remedy };
}
