import { approvalPolicyFor, type ApprovedChanges } from "../../config/config.ts";
import { unreachable } from "../../model/errors.ts";
import type { LedgerEvent } from "../../model/ledger.ts";
import type { Evidence } from "../../model/evidence.ts";
import {
  breaksOlderCode,
  type GateName,
  type Plan,
  type Release,
  type Requirement,
} from "../../model/plan.ts";
import { howToSign, judgeApprovals, type ApprovalsJudgement } from "./approvals/approvals.ts";
import { judgeChecklist, type ItemJudgement } from "./checklist.ts";
import type { PolicyInForce } from "./policy.ts";
import { approvalsAskedOf } from "./requirements.ts";
import { judgeWindows, windowsText } from "./windows/windows.ts";

/** What the gates are judged by, beside the plan and the policy. */
export interface GateFacts {
  /** All events of the environment. */
  readonly events: readonly LedgerEvent[];
  /** What is proven in the environment that comes before; null where nothing is, or none comes before. */
  readonly before: ProvenBefore | null;
  /** Who asks. */
  readonly requester: { readonly name: string; readonly email: string | null } | null;
  /** What the scripts of the checklist found out, now. */
  readonly checklist: readonly Evidence[];
  /** Tags of the commit. */
  readonly tags: readonly string[];
  readonly now: Date;
}

export interface ProvenBefore {
  readonly environment: string;
  readonly release: Release;
  /** RFC 3339, UTC: when it was proven. */
  readonly since: string;
}

export interface GateJudgement {
  readonly gate: GateName;
  /** `held` may open by itself or by people; `refused` never does for this plan. */
  readonly state: "open" | "held" | "refused" | "skipped";
  /** For people: why. */
  readonly says: string;
  /** RFC 3339, UTC: when it opens by itself; null where it does not. */
  readonly until: string | null;
  /** In full, for the approvals gate. */
  readonly approvals?: ApprovalsJudgement;
  /** Item by item, for the checklist. */
  readonly checklist?: readonly ItemJudgement[];
}

/** For people: why, and until when where that is not said already. */
export function toldOf({ gate, says, until }: Pick<GateJudgement, "gate" | "says" | "until">): string {
  return until === null || gate === "windows" ? says : `${says} (until ${until})`;
}

/** What a ledger keeps of them: not what a script printed. */
export function withoutOutput(gates: readonly GateJudgement[]): readonly GateJudgement[] {
  return gates.map((judged) =>
    judged.checklist === undefined
      ? judged
      : { ...judged, checklist: judged.checklist.map(({ name, state, says }) => ({ name, state, says })) },
  );
}

/** Whether each gate that the plan names is open now. Pure: the same facts give the same answer. */
export function judgeGates(
  plan: Plan,
  hash: string,
  { policy, signers, commit }: PolicyInForce,
  facts: GateFacts,
): Promise<GateJudgement[]> {
  const approvals = once(() => approvalsGate(plan, hash, { policy, signers, commit }, facts));
  const judged = plan.gates.map(async (requirement): Promise<GateJudgement> => {
    const { gate, skipped } = requirement;
    if (skipped === true)
      return { gate, state: "skipped", says: `passed by: ${reasonOf(plan)}`, until: null };
    switch (gate) {
      case "emergency":
        return emergencyGate(plan, policy);
      case "branch":
        return branchGate(plan, policy, facts);
      case "promotion":
        return promotionGate(plan, policy, facts);
      case "windows":
        return windowsGate(policy, facts);
      case "checklist":
        return checklistGate(requirement, facts.checklist, isAsked(plan, "approvals") ? approvals() : null);
      case "approvals":
        return approvals();
      default:
        return unreachable(gate);
    }
  });
  return Promise.all(judged);
}

type Policy = PolicyInForce["policy"];

function branchGate(
  { release, environment }: Plan,
  { branch, tags }: Policy,
  facts: GateFacts,
): GateJudgement {
  const refused = (says: string): GateJudgement => ({ gate: "branch", state: "refused", says, until: null });
  if (branch !== null && release.branch !== branch) {
    return refused(
      `${environment} takes only the branch ${branch}; this commit is on ${release.branch ?? "none"}`,
    );
  }
  if (tags !== null && !facts.tags.some((tag) => matches(tag, tags))) {
    const has = facts.tags.length === 0 ? "no tag" : facts.tags.join(", ");
    return refused(`${environment} takes only commits with a tag like ${tags}; this one has ${has}`);
  }
  const on = [branch, tags === null ? null : (facts.tags.find((tag) => matches(tag, tags)) ?? null)];
  return { gate: "branch", state: "open", says: on.filter((name) => name !== null).join(", "), until: null };
}

function emergencyGate({ environment }: Plan, { emergency }: Policy): GateJudgement {
  const gate = "emergency";
  if (emergency !== null)
    return { gate, state: "open", says: `passes by: ${emergency.skips.join(", ")}`, until: null };
  return { gate, state: "refused", says: `${environment} lets no emergency pass by anything`, until: null };
}

/** `v*`: a star stands for anything but a slash. */
function matches(tag: string, pattern: string): boolean {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*");
  return new RegExp(`^${source}$`).test(tag);
}

/** The very images that were proven before, for as long as asked. */
function promotionGate({ release }: Plan, { after, soakMinutes }: Policy, facts: GateFacts): GateJudgement {
  const gate = "promotion";
  const { before } = facts;
  const refused = (says: string): GateJudgement => ({ gate, state: "refused", says, until: null });
  if (before === null) return refused(`nothing is proven in ${after ?? "the environment before"}`);
  const proven = new Map(before.release.services.map(({ name, image }) => [name, digestOf(image)]));
  const other = release.services.filter(({ name, image }) => proven.get(name) !== digestOf(image));
  if (other.length > 0) {
    const names = other.map(({ name }) => name).join(", ");
    return refused(
      `${before.environment} has proven ${before.release.version}, with other images of ${names}`,
    );
  }
  const until = new Date(Date.parse(before.since) + soakMinutes * 60_000);
  if (until > facts.now) {
    const says = `${before.release.version} has to be live in ${before.environment} for ${minutesText(soakMinutes)}`;
    return { gate, state: "held", says, until: until.toISOString() };
  }
  return {
    gate,
    state: "open",
    says: `${before.release.version} is proven in ${before.environment} since ${before.since}`,
    until: null,
  };
}

function minutesText(minutes: number): string {
  return minutes === 1 ? "1 minute" : `${String(minutes)} minutes`;
}

function digestOf(image: string): string {
  return image.slice(image.indexOf("@") + 1);
}

async function windowsGate({ windows, freezes }: Policy, { now }: GateFacts): Promise<GateJudgement> {
  const judgement = await judgeWindows({ windows, freezes }, now);
  return {
    gate: "windows",
    state: judgement.open ? "open" : "held",
    says: windowsText(judgement, now),
    until: judgement.open ? null : (judgement.opensAt?.toISOString() ?? null),
  };
}

function approvalsGate(
  plan: Plan,
  hash: string,
  { policy, signers, commit }: PolicyInForce,
  facts: GateFacts,
): GateJudgement {
  const gate = "approvals";
  const asked = approvalsAskedOf(policy, plan.emergency);
  if (asked === null || signers === null) {
    const where =
      commit === null ? "the commit that is deployed" : `${commit.slice(0, 7)}, whose rules count`;
    const says = `nobody can approve: ${asked?.signers ?? "a signers file"} is not in ${where}. ${howToSign}`;
    return { gate, state: "held", says, until: null };
  }
  const approvals = judgeApprovals({
    plan: {
      pipeline: plan.pipeline,
      environment: plan.environment,
      planHash: hash,
      authors: authorsOf(plan),
      requester: facts.requester,
      needsGroups: [],
    },
    policy: approvalPolicyFor(asked, approvedChanges(plan)),
    signers,
    approvals: facts.events,
    consumed: consumedPlans(facts.events),
    now: facts.now,
  });
  return {
    gate,
    state: approvals.state === "rejected" ? "refused" : approvals.state,
    says: approvals.state === "open" ? peopleOf(approvals) : approvals.missing.join("; "),
    until: null,
    approvals,
  };
}

/** A failed item refuses, as a failed check does; one that is not known, or not confirmed, holds. */
function checklistGate(
  requirement: Requirement,
  evidence: readonly Evidence[],
  approvals: GateJudgement | null,
): GateJudgement {
  const approvedBy = (approvals?.approvals?.counted ?? []).map(({ who }) => who);
  const items = judgeChecklist(requirement, { evidence, approvedBy });
  const closed = items.filter(({ state }) => state !== "open");
  const says = (closed.length > 0 ? closed : items).map(({ name, says: why }) => `${name}: ${why}`);
  const state = closed.some((item) => item.state === "refused")
    ? "refused"
    : closed.length > 0
      ? "held"
      : "open";
  return { gate: "checklist", state, says: says.join("; "), until: null, checklist: items };
}

function isAsked({ gates }: Plan, name: GateName): boolean {
  return gates.some(({ gate, skipped }) => gate === name && skipped !== true);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

export function approvedChanges({ operations }: Pick<Plan, "operations">): ApprovedChanges {
  return {
    migrates: operations.some(({ kind }) => kind === "migrate" || kind === "restore"),
    contracts: operations.some(
      (operation) =>
        operation.kind === "migrate" && operation.migrations.some(({ phase }) => breaksOlderCode(phase)),
    ),
  };
}

function authorsOf({ changes }: Plan) {
  if (!changes.complete) return null;
  return changes.commits.flatMap(({ author, coAuthors }) => [author, ...coAuthors]);
}

/** An approval is good for one start. */
function consumedPlans(events: readonly LedgerEvent[]): ReadonlySet<string> {
  const started = events.filter(({ type }) => type === "deployment-started");
  return new Set(started.map(({ payload }) => (payload as { planHash: string }).planHash));
}

function peopleOf({ counted }: ApprovalsJudgement): string {
  return counted.length === 0
    ? "nobody has to approve"
    : `approved by ${counted.map(({ who }) => who).join(", ")}`;
}

function reasonOf({ emergency }: Plan): string {
  return emergency === null ? "" : `emergency, ${emergency.ticket}: ${emergency.reason}`;
}
