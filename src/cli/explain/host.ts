import type { Clock } from "../../model/clock.ts";
import type { HostCapabilities } from "../../model/host.ts";
import { simulatedTarget, type FakeRegistry } from "../../testing/testing.ts";
import { explainedLedgers, type LedgerOptions } from "./ledger.ts";
import { explainedRegistry } from "./registry.ts";
import { explainedTarget } from "./target.ts";

/** What a function gets of a machine on which nothing may be changed: its ledger to read, and the rest in memory. */
export function explainedHost(
  options: LedgerOptions & { readonly clock: Clock; readonly registry: FakeRegistry },
): HostCapabilities {
  const { clock, seen } = options;
  const refuse = () =>
    Promise.reject(new Error("a call that is only explained has no files of this machine"));
  return {
    ...{ engine: "embedded", progress: seen.progress, clock, actor: "you@explain", command: "npx fairway" },
    actorEmail: () => Promise.resolve(null),
    localTarget: (environment) =>
      Promise.resolve({
        ...simulatedTarget(environment, { clock }),
        ...{ kind: "local", backups: { make: refuse, restore: refuse, restoreState: refuse, list: refuse } },
      }),
    ...{ sqliteLedger: refuse, ledgerDirectory: refuse },
    loopbackRegistry: () => Promise.resolve("127.0.0.1:5000"),
    stopLoopbackRegistry: () => {
      seen.change("end the registry of this machine");
      return Promise.resolve();
    },
    instead: {
      ledger: explainedLedgers(options),
      target: (target, ledger) => explainedTarget(target, ledger, seen),
      registry: (registry) => explainedRegistry(registry, options.registry, seen),
    },
  };
}
