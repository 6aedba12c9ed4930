import { describe, expect, it, test } from "vitest";
import { hashOf, type Json } from "../../../src/model/canonical-json.ts";
import type { Plan } from "../../../src/model/plan.ts";
import {
  deriveRecord,
  recordHtml,
  recordJson,
  recordMarkdown,
  recordText,
  type ChangeRecord,
  type RecordStatement,
} from "../../../src/report/record/record.ts";
import { carriesOut, change, changeLedger, goesBack, plannedChange } from "../../support/change.ts";

function recordOf(options: Parameters<typeof changeLedger>[0] = {}): ChangeRecord {
  const { events } = changeLedger(options);
  return deriveRecord(events, change, events[0]!.hash)!;
}

const emergency: Partial<Plan> = {
  emergency: { reason: "Service outage", ticket: "INC-42" },
  gates: plannedChange().gates.map((gate) => (gate.gate === "branch" ? { ...gate, skipped: true } : gate)),
};

describe("a change record for people", () => {
  it("tells an approved change in text", async () => {
    await expect(`${recordText(recordOf())}\n`).toMatchFileSnapshot("golden/succeeded.txt");
  });

  it("tells an emergency that went back in text", async () => {
    const record = recordOf({ plan: emergency, reason: "Service outage", end: goesBack });
    await expect(`${recordText(record)}\n`).toMatchFileSnapshot("golden/emergency-rolled-back.txt");
  });

  it("keeps to the width of a terminal, whatever it has to tell", async () => {
    const names = ["reviews_of_products", "ratings_by_week", "orders_by_customer"];
    const migrations = names.map((name, day) => ({
      name: `2026030${String(day)}101500_${name}`,
      phase: "expand" as const,
    }));
    const { operations, release } = plannedChange();
    const registry = "registry.of-a-company-with-a-long-name.example/teams/harbour-goods/production";
    const services = release.services.map((service) => ({
      ...service,
      image: service.image.replace("127.0.0.1:5000", registry),
    }));
    const record = recordOf({
      plan: {
        release: { ...release, services },
        operations: [{ kind: "migrate", migrations }, ...operations.slice(1)],
        wayBack: {
          operations: [],
          impossible: [`to go back once ${names.join(", ")} are applied: a contract`],
        },
      },
      reason:
        "The reviews were promised to the readers of the newsletter for the first day of the week after this one",
    });
    const text = recordText(record);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(100);
    await expect(`${text}\n`).toMatchFileSnapshot("golden/wide.txt");
    // Nothing is lost by it but the blanks.
    const whole = text.replaceAll(/\s+/g, "");
    for (const part of [services[0]!.image, ...migrations.map(({ name }) => name)])
      expect(whole).toContain(part);
  });

  it("tells an approved change in Markdown", async () => {
    await expect(`${recordMarkdown(recordOf())}\n`).toMatchFileSnapshot("golden/succeeded.md");
  });

  it("is a page that needs no other file and no script", () => {
    const page = recordHtml(recordOf());
    expect(page).not.toMatch(/<script|<link|<img|\ssrc=|\son\w+=|https?:/i);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain("prefers-color-scheme: dark");
    expect(page).toContain("@media print");
  });
});

describe("what others wrote", () => {
  const nasty = "</td><script>alert(1)</script> `|\\| ![x](y) @team \"'&amp; \u202e\u001b[31m\n| a | b |";
  const record = recordOf({
    plan: {
      emergency: { reason: nasty, ticket: nasty },
      changes: {
        complete: true,
        commits: [
          { commit: "1".repeat(40), subject: nasty, author: { name: nasty, email: nasty }, coAuthors: [] },
        ],
      },
      standIns: [nasty],
    },
    reason: nasty,
    end: (ledger, plan) => {
      carriesOut(ledger, plan);
      ledger.append(
        "deployment-failed",
        { message: nasty, rolledBack: false },
        { deployment: change, actor: nasty },
      );
    },
  });

  it("is never markup of the page", () => {
    const page = recordHtml(record);
    expect(page).not.toContain("<script");
    expect(page).toContain("&#60;script&#62;alert(1)");
    const tags = new Set([...page.matchAll(/<\/?([a-z0-9!]+)/g)].map(([, name]) => name));
    const plain = recordHtml(recordOf({ plan: emergency, end: goesBack }));
    const known = new Set([...plain.matchAll(/<\/?([a-z0-9!]+)/g)].map(([, name]) => name));
    expect([...tags].filter((name) => !known.has(name))).toEqual([]);
  });

  it("is never markup of the comment, and ends no cell of a table", () => {
    const lines = recordMarkdown(record).split("\n");
    const text = lines.join("\n");
    expect(text.replace(/`[^`]*`/g, "")).not.toMatch(/<script|!\[|@team/);
    const commits = lines.slice(lines.indexOf("### Commits"));
    // As GFM splits cells: at bars that no backslash escapes.
    expect(commits[4]!.replace(/\\./g, "").split("|")).toHaveLength(5);
    expect(commits[5]).toBe("");
  });

  test.each([
    ["text", recordText],
    ["Markdown", recordMarkdown],
    ["the page", recordHtml],
  ])("moves no cursor and turns no text around in %s", (_name, print) => {
    for (const one of ["\u001b", "\u202e"]) expect(print(record)).not.toContain(one);
    expect(print(record)).toMatch(/u\S{0,8}202e/);
  });
});

describe("a change record as an in-toto statement", () => {
  const record = recordOf();
  const statement = JSON.parse(recordJson(record)) as RecordStatement;

  it("is about the images by digest and the commit", () => {
    expect(statement._type).toBe("https://in-toto.io/Statement/v1");
    expect(statement.predicateType).toMatch(/^urn:uuid:/);
    const [, hex] = record.plan.release.services[0]!.image.split("@sha256:");
    expect(statement.subject).toEqual([
      { name: "127.0.0.1:5000/shop/web", digest: { sha256: hex } },
      { name: "commit", digest: { gitCommit: record.release.commit } },
    ]);
  });

  it("is not about a commit that it was not built from", () => {
    const { release } = plannedChange();
    const dirty = recordOf({ plan: { release: { ...release, version: "4f2a9c1-dirty.0badcafe" } } });
    const subjects = (JSON.parse(recordJson(dirty)) as RecordStatement).subject;
    expect(subjects.map(({ name }) => name)).toEqual(["127.0.0.1:5000/shop/web"]);
  });

  it("names itself by the digest of its content", () => {
    const { digest, ...predicate } = statement.predicate;
    expect(hashOf({ ...statement, predicate } as unknown as Json)).toBe(digest);
    for (const print of [recordText, recordMarkdown, recordHtml]) expect(print(record)).toContain(digest);
  });

  it("is the same whenever it is written, and whatever came after it", () => {
    const ledger = changeLedger();
    const first = deriveRecord(ledger.events, change, ledger.events[0]!.hash)!;
    ledger.append("environment-stopped", { dataRemoved: true });
    const second = deriveRecord(ledger.events, change, ledger.events[0]!.hash)!;
    expect(recordJson(second)).toBe(recordJson(first));
  });

  it("holds the approvals with what was signed, and the events that prove it", () => {
    expect(record.approvals.map(({ who, group, sequence }) => [who, group, sequence])).toEqual([
      ["bob@example.com", "dba", 2],
      ["carol@example.com", null, 3],
    ]);
    expect(record.approvals[0]!.signature).toContain("BEGIN SSH SIGNATURE");
    expect(record.approvals[0]!.statement).toContain(record.planHash);
    expect(record.events.map(({ type }) => type).slice(0, 3)).toEqual([
      "approval-recorded",
      "approval-recorded",
      "deployment-started",
    ]);
  });
});

describe("how it ended", () => {
  test.each<[string, Parameters<typeof changeLedger>[0], string]>([
    ["succeeded", {}, "succeeded"],
    ["rolled back", { end: goesBack }, "rolled back"],
    ["not ended", { end: (ledger, plan) => carriesOut(ledger, plan, 1) }, "not ended"],
    [
      "interrupted",
      {
        end: (ledger) =>
          ledger.append("deployment-interrupted", { message: "SIGINT" }, { deployment: change }),
      },
      "interrupted",
    ],
    [
      "not ended, again, when it was resumed after an interruption",
      {
        end: (ledger) => {
          ledger.append("deployment-interrupted", { message: "SIGINT" }, { deployment: change });
          ledger.append("deployment-resumed", {}, { deployment: change });
        },
      },
      "not ended",
    ],
  ])("is told: %s", (_name, options, outcome) => {
    expect(recordOf(options).outcome).toBe(outcome);
  });

  it("tells each attempt of an operation that was cut off and begun again", () => {
    const record = recordOf({
      end: (ledger, plan) => {
        const payload = { index: 0, wayBack: false, operation: plan.operations[0] as unknown as Json };
        ledger.append("operation-started", payload, { deployment: change });
        ledger.append("deployment-resumed", {}, { deployment: change });
        carriesOut(ledger, plan);
        ledger.append("deployment-succeeded", {}, { deployment: change });
      },
    });
    expect(record.operations.map(({ index, state }) => [index, state])).toEqual([
      [0, "cut off"],
      [0, "done"],
      [1, "done"],
      [2, "done"],
    ]);
    expect(record.validation.map(({ kind, state }) => [kind, state])).toEqual([
      ["health", "passed"],
      ["smoke", "passed"],
    ]);
  });

  it("says what proved it not to work, and that the way back was taken", () => {
    const { validation, wayBack } = recordOf({ end: goesBack });
    expect(validation.map(({ state, observed }) => [state, observed])).toEqual([
      ["passed", "ready"],
      ["failed", "GET / answered 500"],
    ]);
    expect(wayBack).toMatchObject({ taken: true, because: "GET / answered 500" });
  });
});

describe("risk", () => {
  const migrates = (phase: "expand" | "backfill" | "contract" | "unknown") => ({
    operations: [{ kind: "migrate" as const, migrations: [{ name: "2_x", phase }] }],
  });
  const services = Array.from({ length: 5 }, (_, index) => ({
    ...plannedChange().release.services[0]!,
    name: `s${String(index)}`,
  }));
  test.each<[string, Partial<Plan>, string, readonly string[]]>([
    ["is low where no rule raises it", { operations: [] }, "low", []],
    ["is medium for an expand migration", migrates("expand"), "medium", ["expand-migration"]],
    ["is medium for a backfill", migrates("backfill"), "medium", ["backfill-migration"]],
    ["is high for a contract migration", migrates("contract"), "high", ["contract-migration"]],
    ["is high for a migration that nobody could judge", migrates("unknown"), "high", ["unknown-migration"]],
    ["is medium for the first deploy", { operations: [], from: null }, "medium", ["first-deploy"]],
    ["is high for an emergency", { operations: [], ...emergency }, "high", ["emergency"]],
    [
      "is high where the way back cannot bring all back",
      { operations: [], wayBack: { operations: [], impossible: ["the secret"] } },
      "high",
      ["way-back-incomplete"],
    ],
    [
      "is medium where the commits are not known",
      { operations: [], changes: { complete: false, commits: [] } },
      "medium",
      ["commits-unknown"],
    ],
    [
      "is medium where many services change at once",
      { operations: [], release: { ...plannedChange().release, services } },
      "medium",
      ["many-services"],
    ],
  ])("%s", (_name, plan, level, rules) => {
    const { risk } = recordOf({ plan });
    expect(risk.level).toBe(level);
    expect(risk.reasons.map(({ rule }) => rule)).toEqual(rules);
  });
});
