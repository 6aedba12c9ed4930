import { ledgerMemory, memoryLedger, virtualClock } from "../../src/testing/testing.ts";
import { ledgerContract } from "../providers/ledgers/contract.ts";

ledgerContract(
  "memory",
  async () => {
    const clock = virtualClock();
    const memory = ledgerMemory();
    return {
      open: async () => memoryLedger(clock, memory),
      elapse: (seconds) => clock.advance(seconds * 1000),
      remove: async () => undefined,
    };
  },
  { writers: 50 },
);
