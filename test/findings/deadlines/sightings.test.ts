import fc from "fast-check";
import { expect, it } from "vitest";
import {
  asPayload,
  checksStream,
  findingsChanged,
  findingsChanges,
  knownFindings,
  sightingsOf,
} from "../../../src/findings/findings.ts";
import { label } from "../../../src/config/config.ts";
import type { JudgedFinding } from "../../../src/model/finding.ts";
import type { LedgerEvent } from "../../../src/model/ledger.ts";
import { failureOf } from "../../support/failure-of.ts";
import { propertyRuns } from "../../support/property-runs.ts";

const dayMs = 24 * 3_600_000;
const start = Date.parse("2026-11-02T10:00:00Z");
const day = (number: number) => new Date(start + number * dayMs);

function found(name: string, since: Date, others: readonly string[] = []): JudgedFinding {
  const deadline = { since: since.toISOString(), until: "2027-01-01T23:59:59.999Z", passed: false };
  const words = { kind: "code", severity: "high", rule: "no-eval", title: "eval", message: "eval" } as const;
  const rest = { locations: [], aliases: [], weaknesses: [], witnesses: [], treatment: "warn" } as const;
  return { ...words, ...rest, fingerprints: [name, ...others], deadline };
}

interface Check {
  readonly at: number;
  readonly scope?: string | null;
  readonly names?: readonly (readonly string[])[];
  readonly complete?: boolean;
}

/** Checks one after the other, each of which knows what those before it wrote. */
function afterChecks(checks: readonly Check[], keepDays = 7) {
  const events: LedgerEvent[] = [];
  for (const { at, scope = "main", names = [], complete = true } of checks) {
    const sightings = sightingsOf(events);
    const known = knownFindings(sightings, scope);
    const findings = names.map(([name = "", ...others]) => {
      const fingerprints: [string, ...string[]] = [name, ...others];
      return found(name, known.since({ fingerprints }, keepDays * dayMs, day(at)) ?? day(at), others);
    });
    for (const change of findingsChanges(sightings, { scope, commit: "4f2a9c1", findings, complete }))
      events.push(event(events.length + 1, day(at), asPayload(change)));
  }
  const since = (name: string, at: number, scope: string | null = "main") => {
    const known = knownFindings(sightingsOf(events), scope);
    const first = known.since({ fingerprints: [name] }, keepDays * dayMs, day(at));
    return first === null ? null : (first.getTime() - start) / dayMs;
  };
  return { events, since };
}

function event(sequence: number, at: Date, payload: LedgerEvent["payload"]): LedgerEvent {
  const hashes = { previousHash: "", hash: String(sequence) };
  const stream = { environment: checksStream, deployment: null, type: findingsChanged, actor: "ada@laptop" };
  return { sequence, at: at.toISOString(), payload, ...stream, ...hashes };
}

it("a finding is known since the day on which it was first seen, and nothing is written while it stays", () => {
  const { events, since } = afterChecks([
    { at: 0, names: [["a"]] },
    { at: 3, names: [["a"]] },
    { at: 5, names: [["a"]] },
  ]);
  expect(events).toHaveLength(1);
  expect(since("a", 6)).toBe(0);
  expect(since("b", 6)).toBeNull();
});

it("one that comes back within its time has the day of then; later it is new", () => {
  const checks = [{ at: 0, names: [["a"]] }, { at: 2 }];
  expect(afterChecks(checks).since("a", 8)).toBe(0);
  expect(afterChecks(checks).since("a", 10)).toBeNull();
  const back = afterChecks([...checks, { at: 8, names: [["a"]] }]);
  expect(back.events).toHaveLength(3);
  expect(back.since("a", 400)).toBe(0);
});

it("whatever name is shared makes it the same, and a name that it gets is remembered", () => {
  const { since } = afterChecks([
    { at: 0, names: [["cve"]] },
    { at: 3, names: [["cve", "ghsa"]] },
    { at: 4, names: [["ghsa"]] },
  ]);
  expect(since("ghsa", 5)).toBe(0);
});

it("a check that did not see everything says of nothing that it is gone", () => {
  const { events } = afterChecks([
    { at: 0, names: [["a"]] },
    { at: 1, complete: false },
  ]);
  expect(events).toHaveLength(1);
});

it("a branch that lacks it does not end it for another, and begins with the other's day", () => {
  const { since } = afterChecks([
    { at: 0, names: [["a"]] },
    { at: 1, scope: "fix-a", names: [] },
    { at: 2, scope: "feature", names: [["a"]] },
  ]);
  expect(since("a", 3)).toBe(0);
  expect(since("a", 30, "feature")).toBe(0);
  expect(since("a", 30, "another")).toBe(0);
});

it("what only a branch had that says nothing since ninety days is forgotten by the others, and not by itself", () => {
  const { since } = afterChecks([{ at: 0, scope: "feature", names: [["a"]] }]);
  expect(since("a", 80)).toBe(0);
  expect(since("a", 91)).toBeNull();
  expect(since("a", 91, "feature")).toBe(0);
});

it("a checkout without a branch adds what it sees and ends nothing", () => {
  const { events, since } = afterChecks([
    { at: 0, scope: null, names: [["a"]] },
    { at: 1, scope: null, names: [["b"]] },
  ]);
  expect(events).toHaveLength(2);
  expect(since("a", 2, null)).toBe(0);
});

it("many findings are several events of a bounded size, without what the findings say", () => {
  const names = Array.from({ length: 1_200 }, (_, at) => [`f${String(at)}`]);
  const { events, since } = afterChecks([{ at: 0, names }, { at: 1 }]);
  expect(events).toHaveLength(6);
  expect(JSON.stringify(events)).not.toContain('"eval"');
  expect(since("f1199", 30)).toBeNull();
});

it("an event of another hand is no event of nothing: since when is then not known", async () => {
  const broken = event(1, day(0), { scope: "main", appeared: "none" });
  expect(await failureOf((async () => sightingsOf([broken]))())).toMatchObject({
    code: "FIRST_SEEN_UNREADABLE",
  });
});

it("the stream of checks can be the name of no environment", () => {
  expect(label.safeParse(checksStream).success).toBe(false);
});

it("no order of checks makes a finding that stays younger", () => {
  const check = fc.record({
    scope: fc.constantFrom("main", "feature", null),
    names: fc.subarray([["a"], ["b"], ["c"]]),
    complete: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(check, { maxLength: 20 }), (checks) => {
      const all = checks.map((one, at) => ({ ...one, names: [["stays"], ...one.names], at }));
      const { since } = afterChecks([{ at: 0, names: [["stays"]] }, ...all]);
      expect(since("stays", all.length)).toBe(0);
    }),
    propertyRuns(100),
  );
});
