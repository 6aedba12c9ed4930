import { approvalEventType, approvalStatement } from "../../release/gates/approvals/approvals.ts";
import type { Emergency } from "../../release/gates/requirements.ts";
import { planHash } from "../../release/plan/plan.ts";
import { makePlan, planRestore, planRollback, readState } from "../../release/release.ts";
import type { Plan } from "../../model/plan.ts";
import type { ScenarioEvent } from "../scenario/events.ts";
import { settingsOf } from "./brought.ts";
import { candidateOf } from "./candidates.ts";
import { contextOf } from "./context.ts";
import type { Place } from "./place.ts";
import { simulatedProcess } from "./process.ts";
import { placeNamed, type World } from "./world.ts";

type Decision = Extract<ScenarioEvent, { approve: string } | { reject: string }>;

/** Somebody signs the plan that a release has now, or says no to it. */
export async function decide(event: Decision, world: World): Promise<void> {
  const place = placeNamed(world, event.in);
  const { name: environment } = place;
  const { ledger, clock } = world;
  const by = world.person(event.by);
  const plan = await planOf(event, place, world);
  const [decision, hours] =
    "approve" in event ? (["approve", event.hours] as const) : (["reject", 24] as const);
  const statement = approvalStatement({
    ...{ decision, pipeline: plan.pipeline, environment, planHash: planHash(plan), reason: null },
    expiresAt: new Date(clock.now().getTime() + hours * 3_600_000).toISOString(),
  });
  const payload = { statement, signature: by.key.sign(statement) };
  await ledger.append({ environment, deployment: null, type: approvalEventType, actor: by.actor, payload });
}

/** As `fairway plan` makes it of what is checked out: the release, or for a way back what is live. */
async function planOf(event: Decision, place: Place, world: World): Promise<Plan> {
  const { name: environment } = place;
  const { ledger, clock } = world;
  const state = await readState({ environment, ledger });
  const [version, as, emergency]: [string, "deploy" | "rollback" | "restore", Emergency | null] =
    "approve" in event ? [event.approve, event.as, event.emergency ?? null] : [event.reject, "deploy", null];
  const context = await contextOf(world, {
    ...{ place, ledger, state, requester: world.person(event.by), gates: { emergency } },
    process: simulatedProcess(event.by, clock),
    version: as === "deploy" ? version : (state.live?.release.version ?? null),
  });
  if (as === "rollback") return planRollback(context, { to: version });
  if (as === "restore") {
    const backup = "backup" in event && event.backup !== "newest" ? event.backup : "";
    return planRestore(context, { backup });
  }
  const isPromoted = settingsOf(world, environment, version).after !== null;
  return makePlan(candidateOf(world, environment, version, { state, isPromoted }), state, context);
}
