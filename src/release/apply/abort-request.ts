import type { LedgerEvent } from "../../model/ledger.ts";
import type { ReleaseContext, Run } from "./context.ts";

/** How often a running deployment looks whether somebody wants it back. */
const lookEverySeconds = 5;

/** What ends a deployment that somebody wants back: its way back is what was asked for. */
export class Aborted extends Error {
  override readonly name = "Aborted";

  constructor(by: string, reason: string) {
    super(`aborted by ${by}${reason === "" ? "" : `: ${reason}`}`);
  }
}

export interface AbortWatch extends Disposable {
  /** Aborted, with who asked and why, as soon as somebody did. */
  readonly signal: AbortSignal;
}

/**
 * Somebody who does not hold the lease can ask for a running deployment to be taken back: by an event, which whoever
 * carries it out finds here.
 */
export function watchForAbort(
  context: ReleaseContext,
  { deployment, signal }: Run,
  /** What was asked before it was passed over: whoever resumes a deployment wants it to go on. */
  since: LedgerEvent,
): AbortWatch {
  const asked = new AbortController();
  const ended = new AbortController();
  void watch(
    context,
    { deployment, afterSequence: since.sequence },
    asked,
    AbortSignal.any([signal, ended.signal]),
  );
  return {
    signal: asked.signal,
    [Symbol.dispose]: () => {
      ended.abort(new Error("the deployment has ended"));
    },
  };
}

async function watch(
  { ledger, clock, environment }: ReleaseContext,
  of: { readonly deployment: string; readonly afterSequence: number },
  asked: AbortController,
  until: AbortSignal,
): Promise<void> {
  while (!until.aborted && !asked.signal.aborted) {
    try {
      await clock.sleep(lookEverySeconds * 1000, until);
      const [request] = await ledger.read({ environment, ...of, types: ["abort-requested"] });
      if (request === undefined) continue;
      const { reason } = request.payload as { reason: string };
      asked.abort(new Aborted(request.actor, reason));
    } catch {
      // The end, or a ledger that does not answer for a moment: the next look asks again.
    }
  }
}
