import { failure } from "../../model/errors.ts";
import type { AnalyseOperation } from "../../model/plan.ts";
import type { Observation, Target } from "../../model/target.ts";
import { besideIn, servingIn } from "../observed.ts";
import { analysisFailed } from "./endings.ts";

/** By service: the version that most of its replicas in their slots have, of those that are not the one that is judged. */
export function servingBeside(
  { version: judged, limits }: AnalyseOperation,
  observed: Observation,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...new Set(limits.map(({ service }) => service))].map((name) => {
      const versions = servingIn(observed, name).filter(({ version }) => version !== judged);
      const count = (version: string) => versions.filter((replica) => replica.version === version).length;
      const [most] = [...versions].sort((one, other) => count(other.version) - count(one.version));
      if (most !== undefined) return [name, most.version];
      throw failure(
        `nothing serves beside the new version of ${name}, so there is nothing to compare it with`,
        {
          code: analysisFailed,
        },
      );
    }),
  );
}

/** What died gets no visitors any more, and no figure tells of it. */
export async function unhealthy(
  { version, limits }: AnalyseOperation,
  target: Pick<Target, "observe">,
): Promise<string | null> {
  const observed = await target.observe().catch(() => null);
  if (observed === null) return "what runs cannot be looked at";
  for (const name of new Set(limits.map(({ service }) => service))) {
    const beside = besideIn(observed, name).filter((replica) => replica.version === version);
    const ready = beside.filter(({ state }) => state === "ready").length;
    if (ready === 0 || ready < beside.length) {
      return `${String(ready)} of ${String(Math.max(1, beside.length))} replicas of ${name} ${version} are ready`;
    }
  }
  return null;
}
