import type { GitopsConfig } from "../../config/environment/gitops.ts";
import type { Clock } from "../../model/clock.ts";
import { usageError } from "../../model/errors.ts";
import type { Target } from "../../model/target.ts";

/** The `target` of an environment. */
export type TargetConfig = "local" | { readonly gitops: GitopsConfig };

export interface TargetContext {
  readonly environment: string;
  /** Values of `--secrets` by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** Who deploys: `ada@laptop`. */
  readonly actor: string;
  /** What only a host has; undefined inside a real engine. */
  readonly localTarget: (() => Promise<Target>) | undefined;
}

/** The names of the values in `--secrets` that a target itself uses. */
export async function targetSecretNames(config: TargetConfig): Promise<readonly string[]> {
  if (config === "local") return [];
  const { gitopsSecretNames } = await import("./gitops/from-config.ts");
  return gitopsSecretNames(config.gitops);
}

/**
 * Opens the target that the config names. Nothing is changed in it.
 * @throws FairwayError (exit 2) for a kind that is not known or not to be had here, or a secret without a value
 */
export async function openTarget(config: TargetConfig, context: TargetContext): Promise<Target> {
  const { environment, localTarget } = context;
  const place = `fairway.yaml environments.${environment}.target`;
  if (config === "local") {
    if (localTarget !== undefined) return localTarget();
    throw usageError("the `local` target cannot be reached from inside the engine", {
      code: "NEEDS_A_HOST",
      place,
      remedy: `Run it from a shell on the machine itself:\nnpx fairway deploy --env ${environment}`,
    });
  }
  if (typeof config === "object" && "gitops" in config) {
    const { gitopsOptions } = await import("./gitops/from-config.ts");
    const { gitopsTarget } = await import("./gitops/gitops.ts");
    return gitopsTarget(gitopsOptions(config.gitops, context));
  }
  throw usageError(`there is no target of the kind ${JSON.stringify(config)}`, {
    code: "TARGET_KIND",
    place,
    remedy: "the kinds are: local, { gitops: { repository, path, ... } }",
  });
}
