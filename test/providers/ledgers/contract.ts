import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { firstBrokenEvent } from "../../../src/model/event-chain.ts";
import type { Lease, LeaseAnswer, Ledger, LedgerEvent, NewLedgerEvent } from "../../../src/model/ledger.ts";

/** One ledger that a test has for itself, and may open as often as several machines would. */
export interface LedgerUnderTest {
  /** A handle of its own; closed by the contract. */
  open(): Promise<Ledger>;
  /** Lets this time pass for leases. */
  elapse(seconds: number): Promise<void>;
  remove(): Promise<void>;
}

export interface ContractOptions {
  /** How many write at once. */
  readonly writers: number;
  /** Why it cannot be tried on this machine. */
  readonly missing?: string | undefined;
}

export const note: NewLedgerEvent = {
  environment: "local",
  deployment: null,
  type: "note",
  actor: "ada@laptop",
  payload: { text: "hi" },
};

const ask = { environment: "local", holder: "ada@laptop", purpose: "deploy of v1", ttlSeconds: 30 };
const other = { ...ask, holder: "grace@ci", purpose: "deploy of v2" };

/** What every ledger has to do, whatever it is made of. */
export function ledgerContract(
  kind: string,
  make: () => Promise<LedgerUnderTest>,
  { writers, missing }: ContractOptions,
): void {
  describe(`what the ${kind} ledger has in common with the others`, () => {
    let subject: LedgerUnderTest;
    const opened: Ledger[] = [];
    const open = async () => {
      const ledger = await subject.open();
      opened.push(ledger);
      return ledger;
    };

    beforeEach(async (context) => {
      if (missing !== undefined) context.skip(missing);
      subject = await make();
      return async () => subject.remove();
    });
    afterEach(async () => {
      for (const ledger of opened.splice(0)) await ledger.close();
    });

    it("is empty at first, and nobody holds a lease", async () => {
      const ledger = await open();
      expect(ledger.kind).toBe(kind);
      expect(await ledger.read()).toEqual([]);
      expect(await ledger.holder("local")).toBeNull();
    });

    it("numbers events without a gap and chains them by hash", async () => {
      const ledger = await open();
      const answered: LedgerEvent[] = [];
      for (let count = 0; count < 3; count += 1) answered.push(await ledger.append(note));
      const events = await ledger.read();
      expect(events).toEqual(answered);
      expect(events.map((event) => event.sequence)).toEqual([1, 2, 3]);
      expect(firstBrokenEvent(events)).toBeNull();
    });

    it("reads by environment, deployment, type and position, in order", async () => {
      const ledger = await open();
      await ledger.append(note);
      const started = { deployment: "staging-1", type: "deployment-started" };
      await ledger.append({ ...note, environment: "staging", ...started });
      await ledger.append({ ...note, environment: "staging" });
      const sequences = async (filter: Parameters<Ledger["read"]>[0]) =>
        (await ledger.read(filter)).map((event) => event.sequence);
      expect(await sequences({ environment: "staging" })).toEqual([2, 3]);
      expect(await sequences({ deployment: "staging-1" })).toEqual([2]);
      expect(await sequences({ types: ["note", "other"] })).toEqual([1, 3]);
      expect(await sequences({ types: [] })).toEqual([]);
      expect(await sequences({ afterSequence: 1 })).toEqual([2, 3]);
      expect(await sequences({ environment: "staging", types: ["note"], afterSequence: 2 })).toEqual([3]);
      expect(await sequences({ environment: "nowhere" })).toEqual([]);
    });

    it("gives to one handle what another wrote, every character and number of it", async () => {
      const [here, there] = [await open(), await open()];
      const payload = {
        text: 'Ærø – 日本 🚢 " \\ \n \u0000 \u007f',
        list: [1, -0.5, 1e21, 1e-7, Number.MAX_SAFE_INTEGER, null, true, [], {}],
        "Z key": { z: 1, a: "' ; DROP TABLE events; --" },
      };
      const written = await here.append({ ...note, actor: "Žofie <zofie>@laptop", payload });
      expect(await there.read()).toEqual([written]);
      expect(written.payload).toEqual(payload);
      // Neither looks at what the other has appended before it appends itself.
      for (const ledger of [there, here, there]) await ledger.append(note);
      const events = await here.read();
      expect(events.map((event) => event.sequence)).toEqual([1, 2, 3, 4]);
      expect(firstBrokenEvent(events)).toBeNull();
    });

    it("grants a lease once, with a token that only grows", async () => {
      const [ledger, another] = [await open(), await open()];
      expect(await ledger.acquire(ask)).toMatchObject({
        granted: true,
        lease: { environment: "local", holder: "ada@laptop", purpose: "deploy of v1", fencingToken: 1 },
      });
      expect(await another.acquire(other)).toMatchObject({
        granted: false,
        holder: { holder: "ada@laptop", purpose: "deploy of v1" },
      });
      await subject.elapse(31);
      expect(await another.acquire(other)).toMatchObject({ granted: true, lease: { fencingToken: 2 } });
    });

    it("tells who holds a lease, and for how long", async () => {
      const [ledger, another] = [await open(), await open()];
      const lease = granted(await ledger.acquire(ask));
      expect(await another.holder("local")).toEqual(lease);
      expect(Date.parse(lease.expiresAt) - Date.parse(lease.acquiredAt)).toBe(30_000);
      expect(await another.holder("staging")).toBeNull();
      await subject.elapse(31);
      expect(await another.holder("local")).toBeNull();
    });

    it("holds one environment's lease without hindering another's", async () => {
      const ledger = await open();
      granted(await ledger.acquire(ask));
      expect(granted(await ledger.acquire({ ...ask, environment: "staging" })).fencingToken).toBe(1);
    });

    it("extends a lease that is renewed in time", async () => {
      const [ledger, another] = [await open(), await open()];
      const lease = granted(await ledger.acquire(ask));
      await subject.elapse(20);
      const renewed = await ledger.renew(lease, 30);
      expect(renewed).toMatchObject({ fencingToken: 1, holder: "ada@laptop", acquiredAt: lease.acquiredAt });
      expect(Date.parse(renewed.expiresAt)).toBeGreaterThan(Date.parse(lease.expiresAt));
      expect((await another.holder("local"))?.expiresAt).toBe(renewed.expiresAt);
      await subject.elapse(20);
      expect(await another.acquire(other)).toMatchObject({
        granted: false,
        holder: { holder: "ada@laptop" },
      });
    });

    it("lets a holder that slept go on while nobody has taken over", async () => {
      const ledger = await open();
      const lease = granted(await ledger.acquire(ask));
      await subject.elapse(31);
      await ledger.append(note, lease);
      await ledger.renew(lease, 30);
      expect(await (await open()).acquire(other)).toMatchObject({ granted: false });
    });

    it("refuses everything of a paused holder that wakes up after its lease was taken", async () => {
      const [paused, taker] = [await open(), await open()];
      const stale = granted(await paused.acquire(ask));
      await paused.append({ ...note, actor: "paused" }, stale);
      await subject.elapse(31);
      const lease = granted(await taker.acquire(other));
      await expect(paused.append({ ...note, actor: "paused" }, stale)).rejects.toMatchObject({
        code: "LEASE_LOST",
        message: expect.stringContaining("grace@ci has taken over local (deploy of v2)"),
      });
      await expect(paused.renew(stale, 30)).rejects.toMatchObject({ code: "LEASE_LOST" });
      await paused.release(stale);
      expect((await taker.holder("local"))?.fencingToken).toBe(2);
      await taker.append({ ...note, actor: "taker" }, lease);
      const actors = (await taker.read({ types: ["note"] })).map((event) => event.actor);
      expect(actors).toEqual(["paused", "taker"]);
    });

    it("gives a lease back once, and refuses what comes under it afterwards", async () => {
      const [ledger, another] = [await open(), await open()];
      const lease = granted(await ledger.acquire(ask));
      await ledger.release(lease);
      await ledger.release(lease);
      expect(await another.holder("local")).toBeNull();
      await expect(ledger.append(note, lease)).rejects.toMatchObject({
        code: "LEASE_LOST",
        message: expect.stringContaining("given back"),
      });
      await expect(ledger.renew(lease, 30)).rejects.toMatchObject({ code: "LEASE_LOST" });
      expect(granted(await another.acquire(other)).fencingToken).toBe(2);
      await expect(ledger.append(note, lease)).rejects.toMatchObject({ code: "LEASE_LOST" });
    });

    it("grants a lease to exactly one of many who ask at once", async () => {
      const ledgers = await Promise.all(Array.from({ length: Math.min(writers, 10) }, open));
      const answers = await Promise.all(
        ledgers.map((ledger, index) => ledger.acquire({ ...ask, holder: `holder ${String(index)}` })),
      );
      const winners = answers.filter((answer) => answer.granted);
      expect(winners).toHaveLength(1);
      const winner = granted(winners[0]!).holder;
      expect(answers.filter((answer) => !answer.granted).map((answer) => answer.holder.holder)).toEqual(
        Array.from({ length: answers.length - 1 }, () => winner),
      );
    });

    it(`loses nothing and writes nothing twice when ${String(writers)} write at once`, async () => {
      const ledgers = await Promise.all(Array.from({ length: writers }, open));
      const written = await Promise.all(
        ledgers.map((ledger, index) => ledger.append({ ...note, payload: { writer: index % 2 } })),
      );
      const events = await ledgers[0]!.read();
      expect(firstBrokenEvent(events)).toBeNull();
      expect(events).toEqual(written.toSorted((a, b) => a.sequence - b.sequence));
    });

    it("takes many appends at once from one handle", async () => {
      const ledger = await open();
      await Promise.all(
        Array.from({ length: 3 }, (_, index) => ledger.append({ ...note, payload: { index } })),
      );
      const events = await ledger.read();
      expect(firstBrokenEvent(events)).toBeNull();
      const indexes = events.map((event) => (event.payload as { index: number }).index);
      expect(indexes.toSorted()).toEqual([0, 1, 2]);
    });
  });
}

export function granted(answer: LeaseAnswer): Lease {
  if (answer.granted) return answer.lease;
  throw new Error(`not granted: ${answer.holder.holder} has it`);
}
