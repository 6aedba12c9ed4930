import { z } from "zod";
import { NoAnswer, readApi, type ApiAccess } from "./api.ts";
import type { Health, HealthQuestion, HealthSource } from "./health.ts";

export interface ArgocdOptions {
  /** The name of the Application. */
  readonly application: string;
  /** Its project: with it, Argo CD says that an application is not there; without, only that it may not be seen. */
  readonly project?: string | undefined;
  /** Its namespace, where that is not Argo CD's own. */
  readonly namespace?: string | undefined;
}

const text = z.string().catch("");
const revisions = { revision: text, revisions: z.array(z.string()).catch([]) };

/** What is read of an Application; any field may be missing. @see https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/ */
const application = z.object({
  /** An operation that was asked for and has not begun. */
  operation: z.unknown().optional(),
  spec: z
    .object({ syncPolicy: z.object({ automated: z.unknown().optional() }).optional().catch(undefined) })
    .catch({}),
  status: z.object({
    reconciledAt: text,
    sync: z.object({ status: text, ...revisions }),
    health: z.object({ status: text, message: text }),
    conditions: z.array(z.object({ type: text, message: text })).catch([]),
    resources: z
      .array(
        z.object({
          kind: text,
          name: text,
          health: z.object({ status: text, message: text }).optional().catch(undefined),
        }),
      )
      .catch([]),
    operationState: z
      .object({
        phase: text,
        message: text,
        finishedAt: text,
        syncResult: z.object(revisions).optional().catch(undefined),
        operation: z
          .object({ sync: z.object(revisions).optional().catch(undefined) })
          .optional()
          .catch(undefined),
      })
      .optional()
      .catch(undefined),
  }),
});

export type Application = z.output<typeof application>;

/** What Argo CD says of its application. */
export function argocdHealth(options: ApiAccess & ArgocdOptions): HealthSource {
  const { application: name, project, namespace } = options;
  return async (question) => {
    const query = new URLSearchParams({
      ...(project === undefined ? {} : { project }),
      ...(namespace === undefined ? {} : { appNamespace: namespace }),
      // It polls the repository every few minutes only.
      ...(question.refresh ? { refresh: "normal" } : {}),
    });
    const path = `/api/v1/applications/${encodeURIComponent(name)}${query.size === 0 ? "" : `?${String(query)}`}`;
    try {
      const answer = application.safeParse(await readApi("Argo CD", path, options, question.signal));
      if (!answer.success)
        return { health: "unknown", detail: `Argo CD says nothing of the status of ${name} yet` };
      const seen = await judged(answer.data, name, question);
      return { ...seen, detail: `Argo CD: ${name} ${seen.detail}` };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return { health: "unknown", detail: error.message };
    }
  };
}

/**
 * Healthy is only what Argo CD has synced from a wanted revision and looked at since. An older revision that is healthy, and a
 * look from before the sync, say nothing of this release.
 */
async function judged(
  { operation, spec, status }: Application,
  name: string,
  { isWanted }: HealthQuestion,
): Promise<Health> {
  const { sync, health, operationState: last, reconciledAt } = status;
  const lastSync = last?.syncResult ?? last?.operation?.sync;
  const ofWanted = lastSync !== undefined && (await some(idsOf(lastSync), isWanted));
  if (last !== undefined && ofWanted && (last.phase === "Failed" || last.phase === "Error")) {
    return { health: "degraded", failed: true, detail: `could not be synced: ${last.message}` };
  }
  const errors = status.conditions.filter(({ type }) => type.endsWith("Error"));
  const said = errors.map(({ type, message }) => `; ${type}: ${message}`).join("");
  const at = idsOf(sync)
    .map((id) => id.slice(0, 7))
    .join(", ");
  if (operation != null || last?.phase === "Running" || last?.phase === "Terminating") {
    return {
      health: "progressing",
      detail: `is being synced${last === undefined ? "" : `: ${last.message}`}${said}`,
    };
  }
  if (!(await some(idsOf(sync), isWanted))) {
    const where = at === "" ? "has synced nothing yet" : `is at ${at} still`;
    return { health: "progressing", detail: `${where} (${sync.status}, ${health.status})${said}` };
  }
  if (
    last !== undefined &&
    last.finishedAt !== "" &&
    Date.parse(reconciledAt || "0") < Date.parse(last.finishedAt)
  ) {
    return { health: "progressing", detail: `is synced to ${at} and not looked at since` };
  }
  if (sync.status !== "Synced") {
    const detail = `is ${sync.status} at ${at}${said}`;
    if (errors.length > 0) return { health: "degraded", detail };
    if (spec.syncPolicy?.automated != null) return { health: "progressing", detail };
    return { health: "progressing", detail, hint: `it is not synced automatically: argocd app sync ${name}` };
  }
  const unwell = unwellOf(status);
  const detail = `is Synced to ${at} and ${health.status}${unwell}${said}`;
  switch (health.status) {
    case "Healthy":
      return { health: "healthy", detail };
    case "Degraded":
    case "Missing":
      return { health: "degraded", detail };
    case "Suspended":
      return { health: "progressing", detail, hint: "something in it is suspended and waits for a person" };
    case "Progressing":
      return { health: "progressing", detail };
    default:
      return { health: "unknown", detail };
  }
}

/** The resources that are not well, in their own words. */
function unwellOf({ health, resources }: Application["status"]): string {
  const unwell = resources.filter(({ health: its }) => its !== undefined && its.status !== "Healthy");
  const words = unwell.map(({ kind, name, health: its }) => {
    const message = its?.message ?? "";
    return `${kind} ${name} is ${its?.status ?? ""}${message === "" ? "" : `: ${message}`}`;
  });
  const shown = [health.message, ...words.slice(0, 3)].filter((line) => line !== "");
  return shown.length === 0 ? "" : ` (${shown.join("; ")})`;
}

/** An application of several sources has a revision for each. */
function idsOf({
  revision,
  revisions: several,
}: {
  readonly revision: string;
  readonly revisions: readonly string[];
}) {
  return several.length > 0 ? several : revision === "" ? [] : [revision];
}

async function some(ids: readonly string[], isWanted: (id: string) => Promise<boolean>): Promise<boolean> {
  for (const id of ids) if (await isWanted(id)) return true;
  return false;
}
