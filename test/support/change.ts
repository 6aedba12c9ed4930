import { createHash } from "node:crypto";
import { canonicalJson, hashOf, type Json } from "../../src/model/canonical-json.ts";
import { chain, firstPreviousHash } from "../../src/model/event-chain.ts";
import type { LedgerEvent, NewLedgerEvent } from "../../src/model/ledger.ts";
import type { Plan } from "../../src/model/plan.ts";
import { approvalStatement } from "../../src/release/gates/approvals/approvals.ts";
import { usualTimeouts } from "../../src/testing/testing.ts";
import { releaseOf } from "./releases.ts";
import { ed25519Signer, type SshSigner } from "./ssh-signer.ts";

const ada = { name: "Ada Lovelace", email: "ada@example.com" };
const grace = { name: "Grace Hopper", email: "grace@example.com" };

/** A deploy to production that two people have approved: a migration, a replica, a smoke test. */
export function plannedChange(fields: Partial<Plan> = {}): Plan {
  const release = releaseOf("4f2a9c1", ["web"]);
  const from = releaseOf("1c0ffee", ["web"]);
  return {
    schema: 1,
    action: "deploy",
    environment: "production",
    pipeline: "shop",
    release,
    from,
    operations: [
      { kind: "migrate", migrations: [{ name: "2_reviews", phase: "expand" }] },
      { kind: "replace-replica", service: "web", index: 0, version: release.version },
      { kind: "smoke", checks: [{ service: "web", path: "/", status: 200, contains: "Harbour" }] },
    ],
    timeouts: usualTimeouts,
    wayBack: {
      operations: [{ kind: "replace-replica", service: "web", index: 0, version: from.version }],
      impossible: [],
    },
    changes: {
      complete: true,
      commits: [
        { commit: "4f2a9c1".padEnd(40, "0"), subject: "Rate products", author: ada, coAuthors: [grace] },
        { commit: "3e1b8d0".padEnd(40, "0"), subject: "Reviews of products", author: ada, coAuthors: [] },
      ],
    },
    gates: [
      { gate: "branch", asks: { branch: "main", tags: null } },
      {
        gate: "approvals",
        asks: {
          required: 2,
          groups: { dba: ["bob@example.com"] },
          needs: [{ group: "dba", count: 1 }],
          excludeAuthors: true,
          excludeRequester: true,
          maxAgeHours: 72,
        },
      },
    ],
    policy: { hash: `sha256:${"b".repeat(64)}`, commit: "1c0ffee".padEnd(40, "0") },
    emergency: null,
    standIns: [],
    after: null,
    ...fields,
  };
}

const bob = ed25519Signer("bob");
const carol = ed25519Signer("carol");

function fingerprintOf({ publicKey }: SshSigner): string {
  const blob = Buffer.from(publicKey.split(" ")[1]!, "base64");
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** The ledger of one change, from what came before it to its end. */
class ChangeLedger {
  readonly events: LedgerEvent[] = [];

  append(type: string, payload: Json, fields: Partial<NewLedgerEvent> = {}): LedgerEvent {
    const last = this.events.at(-1);
    const at = new Date(Date.parse("2026-03-02T09:00:00.000Z") + this.events.length * 7000).toISOString();
    const event = {
      environment: "production",
      deployment: null,
      actor: "ci@runner-7",
      type,
      payload,
      ...fields,
    };
    const made = chain(event, last?.sequence ?? 0, last?.hash ?? firstPreviousHash, at);
    // As a ledger answers it: through JSON.
    this.events.push(JSON.parse(canonicalJson(made as unknown as Json)) as LedgerEvent);
    return made;
  }

  approve(
    signer: SshSigner,
    who: string,
    planHash: string,
    fields: { group?: string; reason?: string } = {},
  ) {
    const expiresAt = "2026-03-03T09:00:00.000Z";
    const statement = approvalStatement({
      decision: "approve",
      pipeline: "shop",
      environment: "production",
      planHash,
      expiresAt,
      reason: fields.reason ?? null,
    });
    const event = this.append(
      "approval-recorded",
      { statement, signature: signer.sign(statement) },
      { actor: who },
    );
    return {
      who,
      when: event.at,
      expiresAt,
      fingerprint: fingerprintOf(signer),
      group: fields.group ?? null,
      reason: fields.reason ?? null,
      sequence: event.sequence,
    };
  }
}

export const change = "production-12";

/** Approved, started, and carried out to its end. */
export function changeLedger(
  options: {
    plan?: Partial<Plan>;
    reason?: string | null;
    end?: (ledger: ChangeLedger, plan: Plan) => void;
  } = {},
): ChangeLedger {
  const plan = plannedChange(options.plan);
  const planHash = hashOf(plan as unknown as Json);
  const ledger = new ChangeLedger();
  ledger.append("environment-stopped", { dataRemoved: false }, { environment: "staging" });
  const counted = [
    ledger.approve(bob, "bob@example.com", planHash, { group: "dba", reason: "looked at the locks" }),
    ledger.approve(carol, "carol@example.com", planHash),
  ];
  const gates = plan.gates.map(({ gate, skipped }) =>
    skipped === true
      ? { gate, state: "skipped", says: "passed by", until: null }
      : gate === "approvals"
        ? {
            gate,
            state: "open",
            says: "approved by bob@example.com, carol@example.com",
            until: null,
            approvals: { state: "open", counted },
          }
        : { gate, state: "open", says: "main", until: null },
  );
  const own = { deployment: change };
  ledger.append(
    "deployment-started",
    {
      action: plan.action,
      release: plan.release as unknown as Json,
      planHash,
      plan: plan as unknown as Json,
      reason: options.reason ?? null,
      gates: gates as unknown as Json,
      policy: {},
    },
    own,
  );
  (options.end ?? succeeds)(ledger, plan);
  return ledger;
}

export function carriesOut(ledger: ChangeLedger, plan: Plan, until = plan.operations.length): void {
  const own = { deployment: change };
  for (const [index, operation] of plan.operations.slice(0, until).entries()) {
    const payload = { index, wayBack: false, operation: operation as unknown as Json };
    ledger.append("operation-started", payload, own);
    ledger.append("operation-finished", { ...payload, observed: observed[operation.kind] ?? "done" }, own);
  }
}

const observed: Readonly<Record<string, string>> = {
  migrate: "applied",
  smoke: "all answered",
  "replace-replica": "ready",
};

function succeeds(ledger: ChangeLedger, plan: Plan): void {
  carriesOut(ledger, plan);
  ledger.append("deployment-succeeded", {}, { deployment: change });
}

/** The third operation fails, and what was live is brought back. */
export function goesBack(ledger: ChangeLedger, plan: Plan): void {
  const own = { deployment: change };
  carriesOut(ledger, plan, 2);
  const [smoke, back] = [plan.operations[2], plan.wayBack.operations[0]] as unknown as [Json, Json];
  const message = "GET / answered 500";
  ledger.append("operation-started", { index: 2, wayBack: false, operation: smoke }, own);
  ledger.append("operation-failed", { index: 2, wayBack: false, operation: smoke, message }, own);
  ledger.append("deployment-going-back", { message }, own);
  ledger.append("operation-started", { index: 0, wayBack: true, operation: back }, own);
  ledger.append("operation-finished", { index: 0, wayBack: true, operation: back, observed: "ready" }, own);
  ledger.append("deployment-failed", { message, rolledBack: true }, own);
}
