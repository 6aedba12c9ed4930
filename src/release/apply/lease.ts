import type { Clock } from "../../model/clock.ts";
import { exitCodes, FairwayError, isFairwayError } from "../../model/errors.ts";
import type { Lease, Ledger } from "../../model/ledger.ts";

/** Seconds that a lease lives without being renewed: how long others wait after its holder was killed. */
const leaseSeconds = 30;

export interface LeaseOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly environment: string;
  readonly holder: string;
  readonly purpose: string;
  readonly command: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` while holding the environment's lease, which is renewed in the background. The signal that it gets is
 * aborted when the lease is lost or the user interrupts. Refused (exit 3, `LEASE_HELD`) while somebody else has it.
 */
export async function underLease<T>(
  options: LeaseOptions,
  work: (lease: Lease, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const answer = await options.ledger.acquire({
    environment: options.environment,
    holder: options.holder,
    purpose: options.purpose,
    ttlSeconds: leaseSeconds,
  });
  if (!answer.granted) throw leaseHeld(options, answer.holder);
  const stopped = new AbortController();
  const renewal = keepRenewing(options, answer.lease, stopped);
  try {
    return await work(answer.lease, stopped.signal);
  } finally {
    stopped.abort(new Error("the work under this lease has ended"));
    await renewal;
    // A lease that cannot be given back ends by itself: no reason to hide how the work ended.
    await options.ledger.release(answer.lease).catch(() => undefined);
  }
}

async function keepRenewing(options: LeaseOptions, lease: Lease, stopped: AbortController): Promise<void> {
  const onInterrupt = () => {
    stopped.abort(options.signal?.reason);
  };
  if (options.signal?.aborted) onInterrupt();
  options.signal?.addEventListener("abort", onInterrupt, { once: true });
  try {
    while (!stopped.signal.aborted) {
      await options.clock.sleep((leaseSeconds / 3) * 1000, stopped.signal);
      await renewPatiently(options, lease, stopped.signal);
    }
  } catch (error) {
    // Also reached when the sleep ends because the work is done: then this abort changes nothing.
    stopped.abort(error);
  } finally {
    options.signal?.removeEventListener("abort", onInterrupt);
  }
}

/** A ledger that is busy for a moment is asked again; only a lease that somebody else has ends the work. */
async function renewPatiently(options: LeaseOptions, lease: Lease, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await options.ledger.renew(lease, leaseSeconds);
      return;
    } catch (error) {
      if (isFairwayError(error) && error.code === "LEASE_LOST") throw error;
      await options.clock.sleep(2000, signal);
    }
  }
}

function leaseHeld(options: LeaseOptions, holder: Lease): FairwayError {
  return new FairwayError(
    `${options.environment} is busy: ${holder.holder} is running a ${holder.purpose} since ${holder.acquiredAt}.`,
    {
      code: "LEASE_HELD",
      exitCode: exitCodes.held,
      remedy:
        `Should that process be gone, its lease ends at ${holder.expiresAt}.\n` +
        `${options.command} status --env ${options.environment}`,
    },
  );
}
