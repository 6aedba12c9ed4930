import { isFairwayError } from "../../../model/errors.ts";
import type { DoctorContext, Finding } from "./checks.ts";

const name = "metrics";
const patienceMs = 5000;

/** Whether each source of figures answers; null where there is none, or no config that says so. */
export async function metricSources({ config: listed }: DoctorContext): Promise<Finding | null> {
  const sources = sourcesIn(listed);
  if (sources.length === 0) return null;
  const { askWhetherItAnswers } = await import("../../../providers/metrics/metrics.ts");
  const asked = await Promise.all(
    sources.map(async ({ environment, source, config }) => {
      const place = `fairway.yaml environments.${environment}.metrics.${source}`;
      const patience = AbortSignal.timeout(patienceMs);
      return askWhetherItAnswers(place, source, config, patience).then(
        () => null,
        (error: unknown) => ({
          text: patience.aborted
            ? `${source} gave no answer within ${String(patienceMs / 1000)} s`
            : (error as Error).message,
          remedy: `${place}: ${(isFairwayError(error) && error.remedy) || "see whether it can be reached from here."}`,
        }),
      );
    }),
  );
  const silent = asked.filter((one) => one !== null);
  if (silent.length === 0) {
    const text = `${sources.map(({ source }) => source).join(", ")}: each answers`;
    return { name, state: "ok", needed: false, text };
  }
  const remedy = silent.map((one) => one.remedy).join("\n");
  return { name, state: "missing", needed: false, text: silent.map((one) => one.text).join("; "), remedy };
}

/** None where the config cannot be read: that is another finding. */
function sourcesIn(listed: DoctorContext["config"]) {
  const { environments = {} } = listed ?? {};
  return Object.entries(environments).flatMap(([environment, { metrics }]) =>
    Object.entries(metrics).map(([source, config]) => ({ environment, source, config })),
  );
}
