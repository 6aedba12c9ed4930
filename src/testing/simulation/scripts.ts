import type { Clock } from "../../model/clock.ts";
import { failure } from "../../model/errors.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { RunChecklist, ScriptItem } from "../../release/gates/checklist.ts";
import type { CheckedScenario } from "../scenario/scenario.ts";

/** The scripts of a commit's package.json: each takes its time, and ends as the scenario says. */
export interface Scripts {
  readonly checklist: RunChecklist;
  /** @throws FairwayError of this code (exit 1) where it fails, or cannot be run */
  readonly run: (script: string, code: string, signal: AbortSignal) => Promise<void>;
}

/** @param clock of the process that runs them: they end with it */
export function scriptsOf(
  { releases }: Pick<CheckedScenario, "releases">,
  version: string | null,
  clock: Clock,
): Scripts {
  const known = (version === null ? undefined : releases[version]?.scripts) ?? {};
  const ended = async (script: string, signal?: AbortSignal) => {
    const { verdict, seconds } = known[script] ?? { verdict: "pass" as const, seconds: 0 };
    if (seconds > 0) await clock.sleep(1000 * seconds, signal);
    return { verdict, seconds };
  };
  return {
    checklist: (items) => Promise.all(items.map(async (item) => evidenceOf(item, await ended(item.script)))),
    run: async (script, code, signal) => {
      const { verdict } = await ended(script, signal);
      if (verdict === "pass") return;
      const how = verdict === "fail" ? "failed" : "could not be run";
      throw failure(`the script ${script} ${how}`, { code, place: `package.json scripts.${script}` });
    },
  };
}

function evidenceOf(
  { name, script }: ScriptItem,
  { verdict, seconds }: { readonly verdict: Evidence["verdict"]; readonly seconds: number },
): Evidence {
  const base = { name, durationMs: 1000 * seconds };
  switch (verdict) {
    case "pass":
      return { ...base, verdict, summary: "passed" };
    case "fail":
      return {
        ...{ ...base, verdict, summary: "its step ended with exit code 1" },
        ...{ details: "the scenario says so", repeat: `npm run ${script}` },
      };
    case "insufficient":
      return {
        ...{ ...base, verdict, summary: `the script ${script} could not be run` },
        missing: "the scenario says so",
      };
  }
}
