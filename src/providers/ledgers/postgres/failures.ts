import { failure, type FairwayError } from "../../../model/errors.ts";

/** The server did not answer for as long as it was waited for. Nothing is known to be wrong with the ledger. */
export function unreachable(cause: unknown, place: string, patienceSeconds: number): FairwayError {
  const waited = `after ${String(patienceSeconds)} seconds`;
  return failure(`The ledger's database does not answer ${waited}: ${wordsOf(cause)}`, {
    code: "LEDGER_UNREACHABLE",
    place,
    remedy:
      "Check that the PostgreSQL server runs and that this machine reaches it, then type the same command again.",
    cause,
  });
}

/** The server answered, and will answer the same again. */
export function refused(cause: unknown, place: string): FairwayError {
  return failure(`The ledger's database refuses: ${wordsOf(cause)}`, {
    code: "LEDGER_REFUSED",
    place,
    remedy:
      "Check the user, the password and the database in the secret that ledger.postgres.url names. The user needs CREATE on " +
      "the database once, then USAGE on the schema with SELECT and INSERT on its tables, and UPDATE on leases.",
    cause,
  });
}

function wordsOf(cause: unknown): string {
  // A host with several addresses fails once for each.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  return first instanceof Error ? first.message : String(first);
}
