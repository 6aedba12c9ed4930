import { failure } from "../../model/errors.ts";
import type { LedgerEvent } from "../../model/ledger.ts";

/**
 * The payload as a database holds it.
 * @throws FairwayError LEDGER_BROKEN (exit 1) that names the event: nobody but a ledger writes there, and it writes JSON
 */
export function payloadOf(
  text: string,
  { sequence, type }: { readonly sequence: number | string; readonly type: string },
): LedgerEvent["payload"] {
  try {
    return JSON.parse(text) as LedgerEvent["payload"];
  } catch (error) {
    throw failure(
      `event ${String(sequence)} (${type}) of the ledger was changed: its payload is not JSON (${(error as Error).message})`,
      { code: "LEDGER_BROKEN", place: `event ${String(sequence)}`, cause: error },
    );
  }
}
