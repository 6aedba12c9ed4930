import { z } from "zod";
import { usageError } from "../../../../model/errors.ts";
import { NoAnswer, readApi, type ApiAccess } from "./api.ts";
import type { Health, HealthQuestion, HealthSource } from "./health.ts";

/** Flux has no API of its own: its status is that of an object in Kubernetes, whose API is asked. */
export interface FluxOptions {
  readonly namespace: string;
  /** The name of the Kustomization. */
  readonly kustomization: string;
}

const text = z.string().catch("");

/** @see https://fluxcd.io/flux/components/kustomize/kustomizations/#kustomization-status */
const kustomization = z.object({
  metadata: z.object({ generation: z.number().catch(0) }),
  spec: z.object({
    suspend: z.boolean().catch(false),
    wait: z.boolean().catch(false),
    healthChecks: z.array(z.unknown()).catch([]),
  }),
  status: z
    .object({
      observedGeneration: z.number().catch(-1),
      lastAppliedRevision: text,
      lastAttemptedRevision: text,
      conditions: z.array(z.object({ type: text, status: text, reason: text, message: text })).catch([]),
    })
    .optional(),
});

type Kustomization = z.output<typeof kustomization>;

/** What Flux says of a Kustomization. */
export function fluxHealth(options: ApiAccess & FluxOptions): HealthSource {
  const { namespace, kustomization: name } = options;
  const [where, what] = [namespace, name].map(encodeURIComponent);
  const path = `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${String(where)}/kustomizations/${String(what)}`;
  return async (question) => {
    try {
      const answer = kustomization.safeParse(await readApi("Kubernetes", path, options, question.signal));
      if (!answer.success) return { health: "unknown", detail: `Flux says nothing of ${name} yet` };
      requireHealth(answer.data, options);
      const seen = await judged(answer.data, name, question);
      return { ...seen, detail: `Flux: ${name} ${seen.detail}` };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return { health: "unknown", detail: error.message };
    }
  };
}

/** Without wait, ready means only that the API server took the manifests. */
function requireHealth({ spec }: Kustomization, { namespace, kustomization: name }: FluxOptions): void {
  if (spec.wait || spec.healthChecks.length > 0) return;
  throw usageError(`the Kustomization ${name} does not look at the health of what it applies`, {
    code: "HEALTH_REFUSED",
    place: `Kustomization ${namespace}/${name}`,
    remedy: "set `wait: true` in its spec",
  });
}

async function judged(
  { metadata, spec, status }: Kustomization,
  name: string,
  { isWanted }: HealthQuestion,
): Promise<Health> {
  if (spec.suspend) {
    const hint = `flux resume kustomization ${name}`;
    return { health: "progressing", detail: "is suspended", hint };
  }
  if (status === undefined) return { health: "progressing", detail: "has not been looked at yet" };
  const condition = (type: string) => status.conditions.find((candidate) => candidate.type === type);
  const [applied, attempted] = [status.lastAppliedRevision, status.lastAttemptedRevision].map(commitOf);
  const ready = condition("Ready");
  const stalled = condition("Stalled");
  const words = ready === undefined ? "" : ` (${ready.reason}: ${ready.message})`;
  const isAttempted = attempted !== null && attempted !== undefined && (await isWanted(attempted));
  const isApplied = applied !== null && applied !== undefined && (await isWanted(applied));
  if (isAttempted && stalled?.status === "True") {
    return { health: "degraded", failed: true, detail: `is stalled: ${stalled.message}` };
  }
  if (isAttempted && ready?.status === "False" && ready.reason !== "DependencyNotReady") {
    return { health: "degraded", detail: `is not ready at ${short(attempted)}${words}` };
  }
  if (!isApplied) return { health: "progressing", detail: `is at ${short(applied ?? null)} still${words}` };
  if (ready?.status === "True" && status.observedGeneration === metadata.generation) {
    return { health: "healthy", detail: `is ready at ${short(applied)}${words}` };
  }
  return { health: "progressing", detail: `is not ready yet at ${short(applied)}${words}` };
}

/** `main@sha1:<40 hex>`, or `main/<40 hex>` of older versions. */
function commitOf(revision: string): string | null {
  return /[0-9a-f]{40}$/.exec(revision)?.[0] ?? null;
}

function short(commit: string | null): string {
  return commit === null ? "no revision" : commit.slice(0, 7);
}
