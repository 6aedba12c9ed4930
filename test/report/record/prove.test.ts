import { describe, expect, it, test } from "vitest";
import { canonicalJson, hashOf, type Json } from "../../../src/model/canonical-json.ts";
import type { LedgerEvent } from "../../../src/model/ledger.ts";
import { deriveRecord, proveRecord, readRecord, recordJson } from "../../../src/report/record/record.ts";
import { change, changeLedger, goesBack } from "../../support/change.ts";

const { events } = changeLedger();
const text = recordJson(deriveRecord(events, change, events[0]!.hash)!);

function proofOf(record: string, ledger: readonly LedgerEvent[] | { unreachable: string } = events) {
  const reading = readRecord(record);
  if (!reading.ok) throw new Error(reading.why);
  return proveRecord(reading.statement, ledger);
}

/** A forger who also mends the digest. */
function withDigest(edit: (predicate: Record<string, unknown>) => void): string {
  const statement = JSON.parse(text) as { predicate: Record<string, unknown> & { digest?: string } };
  edit(statement.predicate);
  delete statement.predicate.digest;
  const digest = hashOf(statement as unknown as Json);
  return canonicalJson({ ...statement, predicate: { ...statement.predicate, digest } });
}

describe("a record as it was written", () => {
  it("is what the ledger says", () => {
    const proof = proofOf(`${text}\n`);
    expect(proof).toMatchObject({ change, environment: "production", findings: [], unproven: [] });
    expect(proof.proven).toContain("its events stand in the ledger, with the same hashes");
  });

  it("of a change that went back, or has not ended, is what the ledger says", () => {
    for (const end of [goesBack, () => undefined]) {
      const ledger = changeLedger({ end }).events;
      const record = recordJson(deriveRecord(ledger, change, ledger[0]!.hash)!);
      expect(proofOf(record, ledger)).toMatchObject({ findings: [], unproven: [] });
    }
  });

  it("holds when the ledger has gone on since, also with the same deployment", () => {
    const ledger = changeLedger({ end: () => undefined });
    const record = recordJson(deriveRecord(ledger.events, change, ledger.events[0]!.hash)!);
    ledger.append("deployment-interrupted", { message: "SIGINT" }, { deployment: change });
    expect(proofOf(record, ledger.events)).toMatchObject({ findings: [], unproven: [] });
  });
});

describe("a record that was altered", () => {
  it("in any byte is noticed", () => {
    const bytes = Buffer.from(text);
    const unnoticed: number[] = [];
    for (let at = 0; at < bytes.length; at += 41) {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ 1;
      const reading = readRecord(changed.toString());
      if (reading.ok && proveRecord(reading.statement, events).findings.length === 0) unnoticed.push(at);
    }
    expect(unnoticed).toEqual([]);
  });

  it("says where, and what its events say", () => {
    const { findings } = proofOf(text.replace('"level":"medium"', '"level":"lowest"'));
    expect(findings.map(({ code }) => code)).toEqual(["RECORD_ALTERED", "RECORD_ALTERED"]);
    expect(findings[0]!.why).toMatch(/^its content has the digest sha256:.*, and it says sha256:/);
    expect(findings[1]).toMatchObject({
      place: "record predicate.risk.level",
      why: 'it says "lowest", and its events say "medium"',
    });
  });

  test.each<[string, (predicate: Record<string, unknown>) => void, string, RegExp]>([
    [
      "another outcome",
      (predicate) => Object.assign(predicate, { outcome: "failed" }),
      "RECORD_ALTERED",
      /it says "failed", and its events say "succeeded"/,
    ],
    [
      "another event",
      ({ events: own }) => Object.assign((own as LedgerEvent[])[4]!, { actor: "mallory" }),
      "RECORD_ALTERED",
      /its content has the hash/,
    ],
    [
      "an event left out",
      ({ events: own }) => void (own as LedgerEvent[]).splice(4, 2),
      "RECORD_ALTERED",
      /its events say/,
    ],
    [
      "somebody else's field",
      (predicate) => Object.assign(predicate, { checkedBy: "nobody" }),
      "RECORD_ALTERED",
      /it says "nobody", and its events say nothing/,
    ],
  ])("is noticed although its digest fits: %s", (_name, edit, code, why) => {
    const { findings } = proofOf(withDigest(edit));
    expect(findings[0]!.code).toBe(code);
    expect(findings.map((finding) => finding.why).join("\n")).toMatch(why);
  });

  it("together with its events is noticed by the ledger", () => {
    const other = changeLedger({ reason: "another reason" }).events;
    const forged = recordJson(deriveRecord(other, change, other[0]!.hash)!);
    const { findings } = proofOf(forged);
    expect(findings[0]).toMatchObject({
      code: "RECORD_ALTERED",
      place: "record, event 4 (deployment-started of production-12)",
      why: expect.stringMatching(/^it has the hash sha256:.*, and in the ledger sha256:/),
    });
  });

  it("by leaving out a whole attempt is noticed by the ledger", () => {
    const without = events.filter(({ type, sequence }) => type !== "approval-recorded" || sequence !== 3);
    const { findings } = proofOf(recordJson(deriveRecord(without, change, events[0]!.hash)!));
    expect(findings.map(({ code }) => code)).toContain("APPROVAL_ALTERED");
    expect(findings).toContainEqual({
      code: "RECORD_ALTERED",
      place: "event 3 (approval-recorded)",
      why: "the ledger has it, and the record leaves it out",
    });
  });

  test.each([
    ["what is no JSON", "{", /it is not JSON/],
    ["another statement", '{"_type":"x"}', /its _type is "x"/],
    [
      "another predicate",
      JSON.stringify({
        _type: "https://in-toto.io/Statement/v1",
        predicateType: "https://slsa.dev/provenance/v1",
      }),
      /predicateType is "https:\/\/slsa/,
    ],
    ["nothing", "null", /its _type is nothing/],
    ["another spelling", text.replace('"action"', '"\\u0061ction"'), /character \d+ is not what/],
    [
      "a name twice",
      text.replace('"predicate":{', '"predicate":{"outcome":"failed",'),
      /character \d+ is not what/,
    ],
  ])("is not read at all: %s", (_name, record, why) => {
    expect(readRecord(record)).toMatchObject({ ok: false, why: expect.stringMatching(why) });
  });
});

describe("a record without its ledger", () => {
  it("proves what it can, and says what it cannot", () => {
    const proof = proofOf(text, { unreachable: "there is no network" });
    expect(proof.findings).toEqual([]);
    expect(proof.unproven).toEqual(["that its events stand in a ledger: there is no network"]);
    expect(proof.proven).not.toContain("its events stand in the ledger, with the same hashes");
  });

  it("is not proven by another ledger, nor by an empty one", () => {
    const other = changeLedger();
    other.events.length = 0;
    other.append("environment-stopped", { dataRemoved: true });
    expect(proofOf(text, other.events).unproven[0]).toMatch(
      /the ledger here is another one: it begins with sha256:/,
    );
    expect(proofOf(text, []).unproven[0]).toMatch(/the ledger here is empty/);
  });

  it("shows that the end of its own ledger was cut off", () => {
    const [finding] = proofOf(text, events.slice(0, -1)).findings;
    expect(finding).toMatchObject({
      code: "LEDGER_BROKEN",
      why: expect.stringContaining("its end was cut off"),
    });
  });
});
