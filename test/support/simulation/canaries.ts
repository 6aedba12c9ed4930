import type { Clock } from "../../../src/model/clock.ts";
import type { AnalysisRecord } from "../../../src/model/metric.ts";
import type { Candidate, ReleaseContext, ReleaseOutcome } from "../../../src/release/release.ts";
import { type Behaviour, withVisitors } from "../../../src/testing/testing.ts";
import { candidateOf, releaseOf } from "../releases.ts";
import type { Simulation } from "./simulation.ts";

export const good: Behaviour = { errors: 0.001, median: 50 };

type Here = Simulation<Clock>;

/** One service, which nothing but its limits judges. */
export function canaryOf(version: string): Candidate {
  return candidateOf(version, { release: releaseOf(version, ["api"]), smoke: [] });
}

export async function deployTo(
  here: Here,
  version: string,
  fields: Partial<ReleaseContext> = {},
): Promise<ReleaseOutcome> {
  return here.deploy(canaryOf(version), here.context(fields));
}

/** 1111111 is live and good, and ten minutes later 2222222 comes as a canary. */
export async function rollOutTo(here: Here, behaviour: Behaviour, perSecond = 100): Promise<ReleaseOutcome> {
  withVisitors(here.target, here.clock, {
    perSecond,
    behaviour: (version) => (version === "2222222" ? behaviour : good),
  });
  await deployTo(here, "1111111");
  await here.clock.sleep(600_000);
  return deployTo(here, "2222222");
}

/** Those that the ledger has, oldest first. */
export async function analysesIn({ ledger }: Pick<Here, "ledger">): Promise<readonly AnalysisRecord[]> {
  const events = await ledger.read({ environment: "local" });
  return events.flatMap(({ payload }) => {
    const { analysis } = payload as unknown as { analysis?: AnalysisRecord };
    return analysis === undefined ? [] : [analysis];
  });
}
