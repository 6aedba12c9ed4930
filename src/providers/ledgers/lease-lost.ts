import { exitCodes, FairwayError } from "../../model/errors.ts";
import type { Lease } from "../../model/ledger.ts";

/** Why a lease is no longer its holder's: `taker` has it now, or nobody, after it was given back. */
export function leaseLost(
  environment: string,
  taker: Pick<Lease, "holder" | "purpose"> | null,
): FairwayError {
  return new FairwayError(
    taker === null
      ? `The lease on ${environment} was given back before the work was done.`
      : `${taker.holder} has taken over ${environment} (${taker.purpose}).`,
    {
      code: "LEASE_LOST",
      exitCode: exitCodes.interrupted,
      remedy: `See what is live: npx fairway status --env ${environment}`,
    },
  );
}
