import type { Clock } from "../../model/clock.ts";
import type { Ledger, LedgerEvent, NewLedgerEvent } from "../../model/ledger.ts";
import { titleOf } from "../../release/apply/titles.ts";
import type { EventPayloads } from "../../release/journal.ts";
import type { Crash } from "../scenario/events.ts";

/** What somebody started, and what can befall it: as the operating system sees it. */
export interface SimulatedProcess {
  readonly who: string;
  /** Its sleeps end only while it runs. */
  readonly clock: Clock;
  /** What it asks of the world: not answered any more once it is dead, and not before it wakes up. */
  readonly ask: <T>(work: () => Promise<T>) => Promise<T>;
  /** A ledger as it sees it; it dies at the write that `crash` names. */
  readonly ledger: (ledger: Ledger, crash: Crash | undefined) => Ledger;
  readonly kill: () => void;
  readonly pause: () => void;
  readonly wake: () => void;
  /** Resolves when it is killed. */
  readonly death: Promise<void>;
  readonly isDead: () => boolean;
}

const never = new Promise<never>(() => undefined);

export function simulatedProcess(who: string, world: Clock): SimulatedProcess {
  let isDead = false;
  let die: () => void = () => undefined;
  let awake: Promise<void> | null = null;
  let wakeUp: () => void = () => undefined;
  const death = new Promise<void>((resolve) => {
    die = resolve;
  });
  const running = async () => {
    while (awake !== null && !isDead) await awake;
    if (isDead) await never;
  };
  const ask: SimulatedProcess["ask"] = async (work) => {
    await running();
    try {
      const answer = await work();
      await running();
      return answer;
    } catch (error) {
      await running();
      throw error;
    }
  };
  const kill = () => {
    isDead = true;
    die();
    wakeUp();
  };
  return {
    who,
    ask,
    kill,
    death,
    isDead: () => isDead,
    clock: {
      now: () => world.now(),
      sleep: (milliseconds, signal) => ask(() => world.sleep(milliseconds, signal)),
    },
    pause: () => {
      awake ??= new Promise((resolve) => {
        wakeUp = resolve;
      });
    },
    wake: () => {
      awake = null;
      wakeUp();
    },
    ledger: (ledger, crash) => ({
      kind: ledger.kind,
      append: appending(ledger, crash, { ask, kill }),
      read: (filter) => ask(() => ledger.read(filter)),
      acquire: (request) => ask(() => ledger.acquire(request)),
      renew: (lease, ttlSeconds) => ask(() => ledger.renew(lease, ttlSeconds)),
      release: (lease) => ask(() => ledger.release(lease)),
      holder: (environment) => ask(() => ledger.holder(environment)),
      close: () => ask(() => ledger.close()),
    }),
  };
}

/** Before the write, or right after it: what is written then is written, and nobody hears of it. */
function appending(
  ledger: Ledger,
  crash: Crash | undefined,
  { ask, kill }: Pick<SimulatedProcess, "ask" | "kill">,
): Ledger["append"] {
  let writes = 0;
  return (event, lease) =>
    ask(async (): Promise<LedgerEvent> => {
      writes += 1;
      const when = crash === undefined ? null : crashAt(crash, event, writes);
      if (when === "before") {
        kill();
        return never;
      }
      const appended = await ledger.append(event, lease);
      if (when === "after") kill();
      return appended;
    });
}

function crashAt(crash: Crash, { type, payload }: NewLedgerEvent, write: number): "before" | "after" | null {
  if ("write" in crash) return crash.write === write ? crash.moment : null;
  const { index, wayBack, operation } = payload as unknown as Partial<EventPayloads>;
  if (operation === undefined || wayBack === true) return null;
  const isMeant =
    typeof crash.operation === "number"
      ? index === crash.operation - 1
      : titleOf(operation).includes(crash.operation);
  if (!isMeant) return null;
  const [when, entry] = crash.moment.split("-") as ["before" | "after", "start" | "end"];
  return type === (entry === "start" ? "operation-started" : "operation-finished") ? when : null;
}
