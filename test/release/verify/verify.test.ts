import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { canonicalJson, hashOf, type Json } from "../../../src/model/canonical-json.ts";
import { systemClock } from "../../../src/model/clock.ts";
import { chain, firstPreviousHash } from "../../../src/model/event-chain.ts";
import type { LedgerEvent } from "../../../src/model/ledger.ts";
import { openSqliteLedger } from "../../../src/providers/ledgers/sqlite.ts";
import { verifyLedger } from "../../../src/release/verify/verify.ts";
import { change, changeLedger, goesBack } from "../../support/change.ts";

const codesOf = (events: readonly LedgerEvent[], head?: string) =>
  verifyLedger(events, head).findings.map(({ code }) => code);

describe("a ledger that nobody touched", () => {
  it("is unbroken, with its plans, operations and approvals", () => {
    const { events } = changeLedger();
    expect(verifyLedger(events)).toMatchObject({
      findings: [],
      events: 11,
      deployments: 1,
      plans: 1,
      approvals: 2,
      operations: 6,
      head: { sequence: 11, hash: events.at(-1)!.hash },
    });
  });

  it("is unbroken also where a deployment went back", () => {
    expect(verifyLedger(changeLedger({ end: goesBack }).events).findings).toEqual([]);
  });

  it("proves nothing while it is empty", () => {
    expect(verifyLedger([])).toMatchObject({ findings: [], events: 0, head: null });
  });
});

describe("one byte of an SQLite ledger", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "fairway-verify-"));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  /** What `verify` finds in a copy of a ledger that somebody edited, past the triggers. */
  async function foundAfter(edit: string, ...values: (string | number)[]) {
    const original = join(directory, "ledger.db");
    let now = "";
    const ledger = await openSqliteLedger(original, { ...systemClock, now: () => new Date(now) });
    for (const { environment, deployment, type, actor, payload, at } of changeLedger().events) {
      now = at;
      await ledger.append({ environment, deployment, type, actor, payload });
    }
    await ledger.close();
    const copy = join(directory, "copy.db");
    await copyFile(original, copy);
    const database = new DatabaseSync(copy);
    database.exec("DROP TRIGGER events_are_not_changed; DROP TRIGGER events_are_not_removed;");
    const { changes } = database.prepare(edit).run(...values);
    database.close();
    expect(changes).toBeGreaterThan(0);
    const edited = await openSqliteLedger(copy, systemClock);
    try {
      return verifyLedger(await edited.read()).findings.map(
        ({ code, place, why }) => `${code} ${place}: ${why}`,
      );
    } finally {
      await edited.close();
    }
  }
  const payload = (from: string, to: string, sequence: number) =>
    foundAfter("UPDATE events SET payload = replace(payload, ?, ?) WHERE sequence = ?", from, to, sequence);

  it("of an event is named, with what its hash is and should be", async () => {
    const [finding, ...more] = await payload('"observed":"ready"', '"observed":"reads"', 8);
    expect(finding).toMatch(
      /^LEDGER_BROKEN event 8 \(operation-finished of production-12\): its content has the hash sha256:[0-9a-f]{64}, and it says sha256:/,
    );
    expect(more).toEqual([]);
  });

  it("of the time, the actor or the hash of an event is named", async () => {
    for (const column of ["at", "actor", "hash", "previous_hash"]) {
      const edit = `UPDATE events SET ${column} = ${column} || 'x' WHERE sequence = 5`;
      expect((await foundAfter(edit))[0]).toMatch(/^LEDGER_BROKEN event 5 \(operation-started/);
      await rm(join(directory, "ledger.db"));
    }
  });

  it("that leaves no JSON is named by the ledger itself", async () => {
    await expect(payload('"dataRemoved"', '"dataRemoved', 1)).rejects.toMatchObject({
      code: "LEDGER_BROKEN",
      message: expect.stringContaining("event 1 (environment-stopped)"),
    });
  });

  it("of an approval's statement is named as an approval", async () => {
    const found = await payload("looked at the locks", "looked at the clocks", 2);
    expect(found).toContainEqual(
      expect.stringMatching(
        /^APPROVAL_ALTERED approval of production-12 by bob@example.com, event 2 .*: the signature does not fit/,
      ),
    );
    expect(found[0]).toMatch(/^LEDGER_BROKEN event 2/);
  });

  it("of an approval's signature is named as an approval", async () => {
    const found = await payload("U1NIU0lH", "U1NIU0lI", 3);
    expect(found).toContainEqual(expect.stringMatching(/^APPROVAL_ALTERED .*carol@example.com, event 3/));
  });

  it("of a plan is named as a plan", async () => {
    const found = await payload("Rate products", "Hate products", 4);
    expect(found).toContainEqual(
      expect.stringMatching(
        /^PLAN_ALTERED plan in event 4 \(deployment-started of production-12\): it has the hash sha256:/,
      ),
    );
  });

  it("that takes an event away is named by the place where it was", async () => {
    expect((await foundAfter("DELETE FROM events WHERE sequence = 6"))[0]).toMatch(
      /^LEDGER_BROKEN event 6: it is missing, between event 5 .* and event 7 /,
    );
    await rm(join(directory, "ledger.db"));
    expect((await foundAfter("DELETE FROM events WHERE sequence = 1"))[0]).toMatch(
      /^LEDGER_BROKEN event 1: it is missing, before event 2 /,
    );
  });
});

it("any byte of any event, as JSON has it, is noticed", () => {
  const { events } = changeLedger();
  fc.assert(
    fc.property(
      fc.nat(events.length - 1),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.integer({ min: 1, max: 127 }),
      (which, where, mask) => {
        const text = Buffer.from(canonicalJson(events[which] as unknown as Json));
        const at = Math.floor(where * text.length);
        text[at] = text[at]! ^ mask;
        let changed: LedgerEvent;
        try {
          changed = JSON.parse(text.toString()) as LedgerEvent;
        } catch {
          return;
        }
        const before = events[which] as unknown as Json;
        if (canonicalJson(changed as unknown as Json) === canonicalJson(before)) return;
        expect(codesOf(events.with(which, changed))).not.toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

describe("a ledger that was written anew, with hashes that fit", () => {
  /** The strongest forger: whoever can write the ledger's place can also hash. */
  function rewritten(edit: (payload: Record<string, unknown>, event: LedgerEvent) => unknown, type: string) {
    const made: LedgerEvent[] = [];
    for (const event of changeLedger().events) {
      const payload =
        event.type === type ? edit(structuredClone(event.payload) as never, event) : event.payload;
      const last = made.at(-1);
      made.push(
        chain(
          { ...event, payload: payload as Json },
          last?.sequence ?? 0,
          last?.hash ?? firstPreviousHash,
          event.at,
        ),
      );
    }
    return verifyLedger(made).findings;
  }

  it("cannot have another plan: the approvals are signed over the one that was made", () => {
    const findings = rewritten((payload) => {
      const plan = payload["plan"] as { reason?: string; standIns: string[] };
      plan.standIns = ["everything"];
      return { ...payload, planHash: hashOf(plan) };
    }, "deployment-started");
    expect(findings.map(({ code }) => code)).toEqual(["APPROVAL_ALTERED", "APPROVAL_ALTERED"]);
    expect(findings[0]!.why).toMatch(/^it is for the plan sha256:.*, and was counted as sha256:/);
  });

  test.each<[string, string, (payload: Record<string, unknown>) => unknown, string, RegExp]>([
    [
      "another operation than its plan has",
      "operation-finished",
      (payload) => ({ ...payload, operation: { kind: "smoke", checks: [] } }),
      "LEDGER_BROKEN",
      /operation 1 of its plan is another one/,
    ],
    [
      "a success without all of its operations",
      "operation-finished",
      (payload) => ({
        ...payload,
        index: 0,
        operation: { kind: "migrate", migrations: [{ name: "2_reviews", phase: "expand" }] },
      }),
      "LEDGER_BROKEN",
      /operation 2 of its plan was never finished/,
    ],
    [
      "an approval by another key than was counted",
      "deployment-started",
      changeCounted((counted) => ({ ...counted, fingerprint: "SHA256:somebodyElse" })),
      "APPROVAL_ALTERED",
      /is signed with the key/,
    ],
    [
      "an approval that had expired",
      "deployment-started",
      changeCounted((counted) => ({ ...counted, expiresAt: "2027-01-01T00:00:00.000Z" })),
      "APPROVAL_ALTERED",
      /expires at/,
    ],
    [
      "an approval that is no event before it",
      "deployment-started",
      changeCounted((counted) => ({ ...counted, sequence: 9 })),
      "APPROVAL_ALTERED",
      /event 9, which holds it, is no approval/,
    ],
    [
      "fewer approvals than its plan asks for",
      "deployment-started",
      changeGates((gates) => gates.map((gate) => ({ ...gate, approvals: { counted: [] } }))),
      "APPROVAL_ALTERED",
      /asks for 2 approvals, and 0 were counted/,
    ],
    [
      "a gate that was held",
      "deployment-started",
      changeGates((gates) =>
        gates.map((gate) => (gate["gate"] === "branch" ? { ...gate, state: "held" } : gate)),
      ),
      "LEDGER_BROKEN",
      /while its gate branch was held/,
    ],
    [
      "a plan for another environment",
      "deployment-started",
      (payload) => {
        const plan = { ...(payload["plan"] as object), environment: "staging" };
        return { ...payload, plan, planHash: hashOf(plan) };
      },
      "PLAN_ALTERED",
      /it is for staging/,
    ],
    [
      "no plan",
      "deployment-started",
      (payload) => ({ ...payload, plan: null }),
      "PLAN_ALTERED",
      /there is none/,
    ],
    [
      "other rules or signers than its plan names",
      "deployment-started",
      (payload) => ({ ...payload, signers: { file: "fairway.allowed_signers", signers: [], problems: [] } }),
      "PLAN_ALTERED",
      /its policy and signers have the hash sha256:/,
    ],
    [
      "an approval with a key that the signers file gives to nobody",
      "deployment-started",
      (payload) => ({ ...payload, signers: { signers: [{ names: ["carol@example.com"], key: {} }] } }),
      "APPROVAL_ALTERED",
      /the signers file does not give the key SHA256:.* to /,
    ],
    ["a payload that is none", "deployment-started", () => ({}), "PLAN_ALTERED", /there is none/],
  ])("cannot have %s", (_name, type, edit, code, why) => {
    const findings = rewritten(edit, type);
    expect(findings.map((finding) => finding.code)).toContain(code);
    expect(findings.map((finding) => finding.why).join("\n")).toMatch(why);
  });
});

function changeGates(edit: (gates: Record<string, unknown>[]) => unknown) {
  return (payload: Record<string, unknown>) => ({ ...payload, gates: edit(payload["gates"] as never) });
}

function changeCounted(edit: (counted: Record<string, unknown>) => unknown) {
  return changeGates((gates) =>
    gates.map((gate) => {
      const approvals = gate["approvals"] as { counted: Record<string, unknown>[] } | undefined;
      return approvals === undefined
        ? gate
        : { ...gate, approvals: { ...approvals, counted: approvals.counted.map(edit) } };
    }),
  );
}

describe("an end that was cut off", () => {
  it("cannot be seen by the chain alone", () => {
    expect(codesOf(changeLedger().events.slice(0, -2))).toEqual([]);
  });

  it("is seen by whoever kept the head", () => {
    const { events } = changeLedger();
    const head = events.at(-1)!.hash;
    expect(codesOf(events, head)).toEqual([]);
    const [finding] = verifyLedger(events.slice(0, -2), head).findings;
    expect(finding).toMatchObject({ code: "LEDGER_BROKEN", place: "the ledger's end" });
    expect(finding!.why).toContain(head);
  });

  it("is not supposed where the ledger has only gone on since", () => {
    const ledger = changeLedger();
    const head = ledger.events.at(-1)!.hash;
    ledger.append("environment-stopped", { dataRemoved: false });
    expect(verifyLedger(ledger.events, head)).toMatchObject({ findings: [], expected: { sequence: 11 } });
  });
});

it("two starts of one deployment are no deployment", () => {
  const ledger = changeLedger();
  const started = ledger.events.find(({ type }) => type === "deployment-started")!;
  ledger.append("deployment-started", started.payload, { deployment: change });
  expect(verifyLedger(ledger.events).findings).toContainEqual({
    code: "LEDGER_BROKEN",
    place: change,
    why: "it was started twice",
  });
});
