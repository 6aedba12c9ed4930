import type { Evidence } from "../../../model/evidence.ts";
import { isFairwayError } from "../../../model/errors.ts";
import type { Registry } from "../../../model/registry.ts";
import { readImage } from "../../../oci/oci.ts";
import type { Image, Repository } from "../../../oci/oci.ts";
import { repositoryIn } from "../repository-in.ts";
import { mutableBases } from "./bases.ts";
import type { Foreseen } from "./foreseen.ts";
import { searchLayer } from "./layers.ts";
import { healthcheckMissing, runsAsRoot } from "./runtime.ts";
import { searchConfig, secretNeedles } from "./secrets.ts";
import type { SecretNeedle } from "./secrets.ts";
import type { Violation } from "./violation.ts";

export interface ImagePolicyRequest {
  readonly service: string;
  /** `host:port/repository@sha256:<64 hex>` */
  readonly reference: string;
  readonly registry: Registry;
  readonly dockerfile: { readonly path: string; readonly text: string };
  /** All secret values that this call knows, by name: none may be in the image, in any spelling. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The command that repeats this alone. */
  readonly repeat: string;
  /** Findings of layers that were read already in this call: services share layers. */
  readonly searched?: LayerFindings;
  readonly signal?: AbortSignal;
}

/** By the layer's digest. */
export type LayerFindings = Map<string, Promise<readonly Violation[]>>;

/**
 * Whether an image may be run: not as root, with a HEALTHCHECK, from bases that stay what they are, and with no
 * secret in its config, its history or any of its layers (a layer keeps what a later one deletes).
 */
export async function imagePolicy(request: ImagePolicyRequest): Promise<Evidence> {
  const startedAt = performance.now();
  const base = { name: `image-policy:${request.service}` };
  const end = () => ({ durationMs: Math.round(performance.now() - startedAt) });
  try {
    const repository = await repositoryIn(request.registry, request.reference, request.signal);
    const image = await readImage(repository);
    const violations = await violationsOf(request, repository, image);
    if (violations.length === 0)
      return { ...base, ...end(), verdict: "pass", summary: passSummary(image, request.secrets) };
    return {
      ...base,
      ...end(),
      verdict: "fail",
      repeat: request.repeat,
      ...broken(request.service, violations),
    };
  } catch (error) {
    if (!isFairwayError(error) || !/^(REGISTRY|IMAGE)_/.test(error.code)) throw error;
    return {
      ...base,
      ...end(),
      verdict: "insufficient",
      summary: `the image of ${request.service} could not be read`,
      missing: [error.message, error.remedy].filter(Boolean).join("\n"),
    };
  }
}

/** The same from the Dockerfile alone, before anything is built; null where nothing is certain to be refused. */
export function foreseenPolicy(service: string, { certain }: Foreseen, repeat: string): Evidence | null {
  if (certain.length === 0) return null;
  return {
    name: `image-policy:${service}`,
    durationMs: 0,
    verdict: "fail",
    repeat,
    ...broken(service, certain),
  };
}

function broken(service: string, violations: readonly Violation[]) {
  const count = `${String(violations.length)} ${violations.length === 1 ? "rule" : "rules"}`;
  return {
    summary: `the image of ${service} breaks ${count}`,
    details: violations.map(({ what, where, fix }) => `${where}: ${what}\n  fix: ${fix}`).join("\n"),
  };
}

async function violationsOf(
  request: ImagePolicyRequest,
  repository: Repository,
  image: Image,
): Promise<Violation[]> {
  const { dockerfile } = request;
  const needles = secretNeedles(request.secrets);
  return [
    ...runsAsRoot(image.config, dockerfile),
    ...healthcheckMissing(image.config, dockerfile),
    ...mutableBases(dockerfile),
    ...searchConfig(image, needles),
    ...(await searchLayers(request, repository, image, needles)),
  ];
}

/** One after the other: a layer is read as fast as it is decompressed, which one thread does. */
async function searchLayers(
  { searched = new Map() }: ImagePolicyRequest,
  repository: Repository,
  { manifest }: Image,
  needles: readonly SecretNeedle[],
): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const layer of manifest.layers) {
    const findings = searched.get(layer.digest) ?? searchLayer(repository, layer, needles);
    searched.set(layer.digest, findings);
    findings.catch(() => searched.delete(layer.digest));
    found.push(...(await findings));
  }
  return found;
}

/** Says what was looked for: without known values only what looks like a secret by its name or form. */
function passSummary({ config, manifest }: Image, secrets: Readonly<Record<string, string>>): string {
  const count = Object.keys(secrets).length;
  const known =
    count === 0 ? "" : ` and none of ${count === 1 ? "the known value" : `${String(count)} known values`}`;
  const layers = `${String(manifest.layers.length)} ${manifest.layers.length === 1 ? "layer" : "layers"}`;
  const user = config.config?.User ?? "";
  return `runs as ${user}, has a HEALTHCHECK, nothing that looks like a secret${known} in ${layers}, bases have versions`;
}
