import { unreachable } from "../../../../model/errors.ts";
import type { ServiceRelease } from "../../../../model/plan.ts";
import type { ObservedRevision } from "../../../../model/target.ts";
import type { ApiAccess } from "./api.ts";
import { argocdHealth, type ArgocdOptions } from "./argocd.ts";
import { fluxHealth, type FluxOptions } from "./flux.ts";
import { addressesHealth } from "./addresses.ts";

/** Who is asked whether a release runs. */
export type HealthOptions =
  | ({ readonly kind: "argocd" } & ApiAccess & ArgocdOptions)
  | ({ readonly kind: "flux" } & ApiAccess & FluxOptions)
  /** The services' own readiness paths: they do not tell which release answers. */
  | { readonly kind: "addresses" }
  /** Nobody: somebody has decided so, in the config. */
  | { readonly kind: "not observed" };

export interface Health {
  readonly health: ObservedRevision["health"];
  /** One line, in the words of who was asked. */
  readonly detail: string;
  /** It will not become healthy by waiting. */
  readonly failed?: boolean;
  /** What would settle it, when it does not settle by itself. */
  readonly hint?: string;
}

export interface HealthQuestion {
  /** Whether a revision is one that has the wanted images. */
  readonly isWanted: (revision: string) => Promise<boolean>;
  /** What is expected to run; null when nobody says. */
  readonly services: readonly ServiceRelease[] | null;
  /** Asks the controller to look at the repository now, where it can be asked. */
  readonly refresh: boolean;
  readonly signal: AbortSignal;
}

/**
 * Asks once.
 * @throws FairwayError for what waiting does not mend: a token that is refused, an application that is not there
 */
export type HealthSource = (question: HealthQuestion) => Promise<Health>;

export function healthSource(options: HealthOptions, urls: Readonly<Record<string, string>>): HealthSource {
  switch (options.kind) {
    case "argocd":
      return argocdHealth(options);
    case "flux":
      return fluxHealth(options);
    case "addresses":
      return addressesHealth(urls);
    case "not observed":
      return () =>
        Promise.resolve({
          health: "unknown",
          detail: "nobody is asked: the config says health: not observed",
        });
    default:
      return unreachable(options);
  }
}
