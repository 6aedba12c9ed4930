import type { Config } from "../config/config.ts";
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
import type { Json } from "../model/canonical-json.ts";
import { type FairwayError, isFairwayError } from "../model/errors.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Ledger, LedgerEvent } from "../model/ledger.ts";
import { type ChecksMemory, forgetful, type Found, withDeadline } from "../steps/steps.ts";
import {
  rememberedRuns,
  type Standing,
  standings,
  testsChange,
  type TestsRan,
  testsPayload,
  testsRan,
} from "../test-results/test-results.ts";
import type { Delivery } from "./delivery.ts";
import { checksLedger } from "./providers.ts";
import { versionOf } from "./version.ts";

/**
 * What checks remember, in the ledger of the environment that is deployed to, or (null) in the pipeline's own. A ledger is opened
 * only where something is treated by when it was first seen, or results of tests are read.
 */
export async function checksMemory(
  delivery: Delivery,
  environment: string | null,
  findings: Parameters<typeof hasDeadlines>[0],
): Promise<ChecksMemory> {
  const config = await delivery.config();
  const hasTests = config.checks.some((check) => check.kind === "script" && isTested(check));
  if (!hasDeadlines(findings) && !hasTests) return forgetful({ why: "nothing has one", remedy: "" });
  try {
    const ledger = await ledgerOfChecks(delivery, environment);
    const events = await ledger.read({ environment: checksStream });
    return inLedger(
      delivery,
      ledger,
      readMemory(delivery, config, events),
      await whereOf(delivery, environment),
    );
  } catch (error) {
    if (!isFairwayError(error)) throw error;
    if (hasTests) delivery.progress.note(`what is known of flaky tests cannot be read: ${error.message}`);
    return forgetful({ why: error.message, remedy: error.remedy ?? "Its ledger has to be within reach." });
  }
}

/** The tests that are not known to work, as the ledger of an environment or (null) of the pipeline says. */
export async function knownTests(
  delivery: Delivery,
  environment: string | null,
): Promise<readonly Standing[]> {
  const ledger = await ledgerOfChecks(delivery, environment);
  const events = await ledger.read({ environment: checksStream, types: [testsRan] });
  return readMemory(delivery, await delivery.config(), events).tests;
}

function ledgerOfChecks(delivery: Delivery, environment: string | null): Promise<Ledger> {
  return environment === null ? checksLedger(delivery) : delivery.ledger(environment);
}

function isTested({ results, retries }: { results: string | null; retries: number }): boolean {
  return results !== null || retries > 0;
}

interface Remembered {
  readonly sightings: readonly Sighting[];
  readonly tests: readonly Standing[];
}

function readMemory({ clock }: Delivery, { findings }: Config, events: readonly LedgerEvent[]): Remembered {
  const tests = standings(rememberedRuns(events), clock.now(), findings.sprint);
  return { sightings: sightingsOf(events), tests };
}

interface Where {
  readonly scope: string | null;
  readonly commit: string | null;
  readonly version: string;
}

/** A branch that is not known is any: what such a checkout has not, another may have. */
async function whereOf(delivery: Delivery, environment: string | null): Promise<Where> {
  const [{ branch, commit }, version] = await Promise.all([delivery.facts(), versionOf(delivery)]);
  return { scope: environment === null ? branch : `environment ${environment}`, commit, version };
}

function inLedger(
  delivery: Delivery,
  ledger: Ledger,
  { sightings, tests }: Remembered,
  { scope, commit, version }: Where,
): ChecksMemory {
  const runs: TestsRan[] = [];
  const append = (type: string, payload: Json) =>
    ledger.append({
      ...{ environment: checksStream, deployment: null, type },
      ...{ actor: delivery.actor, payload },
    });
  return {
    known: knownFindings(sightings, scope),
    tests,
    tested: (check, results) => {
      const change = testsChange({ results }, { check, version }, tests);
      if (change !== null) runs.push(change);
    },
    keep: async ({ evidence, complete }: Found) => {
      const findings = withDeadline(evidence);
      const changes = findingsChanges(sightings, { scope, commit, findings, complete });
      const isNew = changes.some(({ appeared }) => appeared.length > 0);
      const events = [
        ...changes.map((change) => [findingsChanged, asPayload(change)] as const),
        ...runs.map((run) => [testsRan, testsPayload(run)] as const),
      ];
      try {
        for (const [type, payload] of events) await append(type, payload);
        return [];
      } catch (error) {
        if (!isFairwayError(error)) throw error;
        if (isNew) return [notKept(error)];
        delivery.progress.note(`what was found could not be written down: ${error.message}`);
        return [];
      }
    },
  };
}

/** What was known before goes on by its days; what is new would be new for ever. */
function notKept({ message, remedy = "The ledger has to take events." }: FairwayError): Evidence {
  const summary = `the day on which new findings were first seen could not be written down: ${message}`;
  return { name: "first-seen", durationMs: 0, verdict: "insufficient", summary, missing: remedy };
}
