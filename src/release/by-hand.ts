import { failure } from "../model/errors.ts";
import { append, type ReleaseContext } from "./apply/context.ts";
import { underLease } from "./apply/lease.ts";
import { cannotMaintain, requireNoRestoreBegun } from "./gates/under-lease.ts";
import { byHand } from "../model/target.ts";
import type { NoteEventType } from "./journal.ts";
import { readState } from "./read-state.ts";
import { noteUnsettled } from "./run.ts";

/**
 * Keeps visitors out, or lets them in again, by hand. Deployments leave it as it is.
 * @returns where a person has done so before, who that was and when; null where it was done now
 * @throws FairwayError TARGET_CANNOT_MAINTAIN (exit 1)
 */
export async function maintain(
  context: ReleaseContext,
  options: { readonly on: boolean; readonly reason: string },
): Promise<DoneByHand | null> {
  const { target } = context;
  const { on, reason } = options;
  if (target.maintain === undefined) throw cannotMaintain(context);
  const purpose = `maintenance ${on ? "on" : "off"}`;
  return underLease({ ...context, holder: context.actor, purpose }, async (lease, signal) => {
    const before = await maintenanceByHand(context);
    if (before?.on === on) return before;
    await target.maintain?.(on, {
      fencingToken: lease.fencingToken,
      operationId: `${byHand}/${String(lease.fencingToken)}`,
      secrets: {},
      signal,
      report: (line) => {
        context.progress.note(line);
      },
    });
    await append(context, lease, null, "maintenance-changed", { on, reason });
    return null;
  });
}

/** What the ledger says was done by hand last, where the target agrees; null where nobody knows of anything. */
async function maintenanceByHand({
  ledger,
  environment,
  target,
}: ReleaseContext): Promise<(DoneByHand & { readonly on: boolean }) | null> {
  const { maintenance = null } = await target.observe();
  const types = ["maintenance-changed" satisfies NoteEventType];
  const last = (await ledger.read({ environment, types })).at(-1);
  const { on, reason } = (last?.payload ?? {}) as { on?: boolean; reason?: string };
  const isOn = maintenance?.by === byHand;
  if (last === undefined || on !== isOn || (!isOn && maintenance !== null)) return null;
  return { on: isOn, actor: last.actor, at: last.at, reason: reason ?? "" };
}

export interface DoneByHand {
  readonly actor: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** `""` where none was given. */
  readonly reason: string;
}

/**
 * Stops all that runs in the environment, and says so in the ledger.
 * @throws FairwayError TARGET_CANNOT_STOP (exit 1), RESTORE_UNFINISHED (exit 3)
 */
export async function stopEnvironment(
  context: ReleaseContext,
  options: {
    readonly removeData: boolean;
    /** @default none is given */
    readonly reason?: string;
  },
): Promise<void> {
  const reason = options.reason ?? "";
  if (context.target.rollout === "as a whole") {
    throw failure(`what runs in ${context.environment} is stopped where it is rolled out, not by Fairway`, {
      code: "TARGET_CANNOT_STOP",
      place: `fairway.yaml environments.${context.environment}.target`,
      remedy: "Take it out of the manifests repository.",
    });
  }
  await underLease({ ...context, holder: context.actor, purpose: "shutdown" }, async (lease, signal) => {
    const state = await readState(context);
    // Data that goes needs no end of a restore; data that stays has to be known.
    if (!options.removeData) requireNoRestoreBegun(state, context);
    noteUnsettled(state, context);
    if (options.removeData) await append(context, lease, null, "data-removal-started", { reason });
    await context.progress.task(`stop ${context.environment}`, (task) =>
      context.target.stop(
        {
          fencingToken: lease.fencingToken,
          operationId: `down/${String(lease.fencingToken)}`,
          secrets: {},
          signal,
          report: (line) => {
            task.output(line);
          },
        },
        options,
      ),
    );
    await append(context, lease, null, "environment-stopped", { dataRemoved: options.removeData, reason });
  });
}
