import type { ChecklistItem } from "../../config/config.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { Plan, Requirement } from "../../model/plan.ts";

export type ScriptItem = Extract<ChecklistItem, { script: string }>;
export type ConfirmItem = Extract<ChecklistItem, { confirm: string }>;

/** What was found out of one item of the release checklist. */
export interface ItemJudgement {
  readonly name: string;
  readonly state: "open" | "held" | "refused";
  /** For people: why. */
  readonly says: string;
  /** The end of what a script printed that failed. */
  readonly details?: string;
}

/** Runs scripts anew, and answers one evidence for each, in their order. */
export type RunChecklist = (items: readonly ScriptItem[]) => Promise<readonly Evidence[]>;

/** The items that a plan asks for; none where there is no such gate, or it was passed by. */
function checklistOf({ gates }: Pick<Plan, "gates">): readonly ChecklistItem[] {
  return gates.flatMap((requirement) => (requirement.skipped === true ? [] : itemsOf(requirement)));
}

/** What those who approve a plan confirm with it. */
export function confirmedBy(plan: Pick<Plan, "gates">): readonly ConfirmItem[] {
  return checklistOf(plan).filter((item) => "confirm" in item);
}

/** Runs the scripts that a plan asks for: each time, since an answer of before says nothing of now. */
export async function checklistEvidence(
  plan: Pick<Plan, "gates">,
  run: RunChecklist | undefined,
): Promise<readonly Evidence[]> {
  const scripts = checklistOf(plan).filter((item) => "script" in item);
  return scripts.length === 0 || run === undefined ? [] : run(scripts);
}

/** Pure. Who has approved the plan has confirmed it: the items stand in what was signed. */
export function judgeChecklist(
  requirement: Requirement,
  facts: { readonly evidence: readonly Evidence[]; readonly approvedBy: readonly string[] },
): readonly ItemJudgement[] {
  return itemsOf(requirement).map((item) =>
    "script" in item ? judgeScript(item, facts.evidence) : judgeConfirmation(item, facts.approvedBy),
  );
}

function judgeScript({ name, script }: ScriptItem, evidence: readonly Evidence[]): ItemJudgement {
  const found = evidence.find((candidate) => candidate.name === name);
  switch (found?.verdict) {
    case undefined:
      return { name, state: "held", says: `the script ${script} was not run` };
    case "pass":
      return { name, state: "open", says: `the script ${script} passed` };
    case "fail":
      return {
        name,
        state: "refused",
        says: `the script ${script}: ${found.summary}`,
        details: found.details,
      };
    case "insufficient":
      return { name, state: "held", says: `${found.summary}; missing: ${found.missing}` };
  }
}

function judgeConfirmation({ name, confirm }: ConfirmItem, people: readonly string[]): ItemJudgement {
  return people.length === 0
    ? { name, state: "held", says: `nobody who approves has confirmed yet: ${confirm}` }
    : { name, state: "open", says: `confirmed by ${people.join(", ")}: ${confirm}` };
}

function itemsOf({ gate, asks }: Requirement): readonly ChecklistItem[] {
  return gate === "checklist" ? (asks as unknown as { items: readonly ChecklistItem[] }).items : [];
}
