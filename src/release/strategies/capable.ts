import { usageError } from "../../model/errors.ts";
import type { Capability, Target } from "../../model/target.ts";
import type { Strategy } from "./strategy.ts";

const needs: Readonly<Record<Strategy["kind"], readonly Capability[]>> = {
  rolling: [],
  "blue-green": ["beside", "weights"],
  canary: ["beside", "weights"],
};

/**
 * A strategy that the target cannot carry out is refused before there is a plan of it.
 * @throws FairwayError STRATEGY_UNSUPPORTED (exit 2)
 */
export function requireCapable(
  { kind }: Strategy,
  target: Pick<Target, "kind" | "capabilities">,
  environment: string,
): void {
  const missing = needs[kind].filter((capability) => !(target.capabilities ?? []).includes(capability));
  if (missing.length === 0) return;
  throw usageError(
    `${environment} cannot be deployed to by ${kind}: its target ${target.kind} cannot ${missing.map((one) => words[one]).join(", nor ")}. Nothing was changed.`,
    {
      code: "STRATEGY_UNSUPPORTED",
      place: `fairway.yaml environments.${environment}.strategy`,
      remedy: "Use rolling there, or leave the strategy to whatever brings about what the target says.",
    },
  );
}

const words: Readonly<Record<Capability, string>> = {
  beside: "run a version beside the one that serves",
  weights: "give a version a share of the visitors",
};
