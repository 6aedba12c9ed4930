import type { Clock } from "../../model/clock.ts";
import type { HostCapabilities } from "../../model/host.ts";
import { silentProgress } from "../../model/progress.ts";
import { memoryLedger, simulatedTarget } from "../../testing/testing.ts";

/** What a function gets of a machine on which nothing may be changed: an empty ledger, and a target in memory. */
export function simulatedHost(clock: Clock): HostCapabilities {
  const ledger = memoryLedger(clock);
  const refuse = () =>
    Promise.reject(new Error("a call that is only explained has no files of this machine"));
  return {
    ...{ engine: "embedded", progress: silentProgress, clock, actor: "you@explain", command: "npx fairway" },
    actorEmail: () => Promise.resolve(null),
    localTarget: (environment) => Promise.resolve(simulatedTarget(environment, { clock })),
    sqliteLedger: () => Promise.resolve(ledger),
    ledgerDirectory: refuse,
    loopbackRegistry: () => Promise.resolve("127.0.0.1:5000"),
    stopLoopbackRegistry: () => Promise.resolve(),
    instead: {
      ledger: () => Promise.resolve(ledger),
      target: (environment) => Promise.resolve(simulatedTarget(environment, { clock })),
    },
  };
}
