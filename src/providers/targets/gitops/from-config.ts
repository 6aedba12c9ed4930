import type { GitopsConfig } from "../../../config/environment/gitops.ts";
import type { Clock } from "../../../model/clock.ts";
import { secretsMissing } from "../../../model/secrets-missing.ts";
import type { HealthOptions } from "./health/health.ts";
import type { ManifestsKind } from "./manifests/manifests.ts";
import type { GitopsTargetOptions } from "./options.ts";

export interface GitopsContext {
  readonly environment: string;
  /** Values of `--secrets` by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly actor: string;
}

/** The names of the values in `--secrets` that the target itself uses; no service gets them. */
export function gitopsSecretNames({ token, argocd, flux }: GitopsConfig): readonly string[] {
  return [token, argocd?.token, argocd?.ca, flux?.token, flux?.ca].filter((name) => name !== undefined);
}

/** @throws FairwayError SECRETS_MISSING (exit 2) */
export function gitopsOptions(config: GitopsConfig, context: GitopsContext): GitopsTargetOptions {
  const { environment, secrets, clock, actor } = context;
  const missing = gitopsSecretNames(config).filter((name) => !Object.hasOwn(secrets, name));
  if (missing.length > 0) {
    throw secretsMissing(`${environment} needs a value for ${missing.join(", ")}`, { file: environment });
  }
  return {
    ...{ environment, clock, actor },
    repository: config.repository,
    branch: config.branch,
    path: config.path,
    manifests: manifestsOf(config),
    token: secrets[config.token] ?? "",
    tokenAt: valueAt(config.token),
    username: config.username,
    urls: config.urls,
    health: healthOf(config, secrets),
    pollSeconds: config.pollSeconds,
    degradedSeconds: config.degradedSeconds,
  };
}

function manifestsOf({ kustomize, helm, yaml }: GitopsConfig): ManifestsKind {
  if (kustomize !== undefined) return { kind: "kustomize", ...kustomize };
  if (helm !== undefined)
    return { kind: "helm", file: helm.file, digestIn: helm.digest, images: helm.images };
  if (yaml !== undefined) return { kind: "yaml", images: yaml.images };
  throw new Error("the config was not validated: it says not where the images stand");
}

function healthOf(
  { argocd, flux, health }: GitopsConfig,
  secrets: Readonly<Record<string, string>>,
): HealthOptions {
  const access = ({ url, token, ca }: { url: string; token: string; ca?: string | undefined }) => ({
    ...{ url, token: secrets[token] ?? "", tokenAt: valueAt(token) },
    ca: ca === undefined ? undefined : secrets[ca],
  });
  if (argocd !== undefined) return { kind: "argocd", ...argocd, ...access(argocd) };
  if (flux !== undefined) return { kind: "flux", ...flux, ...access(flux) };
  return health === undefined ? { kind: "addresses" } : { kind: "not observed" };
}

function valueAt(name: string): string {
  return `the value ${name} in --secrets`;
}
