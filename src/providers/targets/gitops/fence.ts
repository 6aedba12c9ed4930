import { parse } from "yaml";
import { exitCodes, FairwayError, held } from "../../../model/errors.ts";

/**
 * The file in which a deploy says that it holds the environment (design rule 5.4). It stands beside the manifests, so that two
 * pipelines in one repository do not meet, and is called so that no GitOps controller takes it for a manifest.
 */
export interface Fence {
  readonly token: number;
  /** Who wrote it: `staging-12/prepare/7`. */
  readonly operation: string;
}

export function fencePath(directory: string, environment: string): string {
  return `${directory === "" ? "" : `${directory}/`}.fairway/${environment}.lease`;
}

export function fenceText(environment: string, { token, operation }: Fence): string {
  return [
    "# Written by Fairway: the deploy that may change the images of this environment.",
    "# One with a smaller token has lost its lease.",
    `environment: ${environment}`,
    `fencingToken: ${token}`,
    `operation: ${JSON.stringify(operation)}`,
    "",
  ].join("\n");
}

/** @throws FairwayError TARGET_FENCE_UNREADABLE (exit 3) */
export function readFence(file: string, text: string | null): Fence | null {
  if (text === null) return null;
  try {
    const { fencingToken: token, operation } = parse(text) as Record<string, unknown>;
    if (Number.isSafeInteger(token)) return { token: token as number, operation: String(operation) };
  } catch {
    // As if it had no token.
  }
  throw held(`${file} does not say who holds the environment. Nothing was changed.`, {
    code: "TARGET_FENCE_UNREADABLE",
    place: file,
    remedy: "bring it back from the history of the manifests repository, or remove it when no deploy runs",
  });
}

/**
 * Whether the token there is this one. False when there is none, or one of an earlier holder.
 * @throws FairwayError LEASE_LOST (exit 5) for a larger one
 */
export function isHeldBy(fence: Fence | null, token: number, environment: string): boolean {
  if (fence === null || fence.token < token) return false;
  if (fence.token === token) return true;
  throw new FairwayError(
    `${fence.operation} has taken over ${environment} (fencing token ${fence.token}; this deploy has ${token}).`,
    {
      code: "LEASE_LOST",
      exitCode: exitCodes.interrupted,
      remedy: `See what is live: npx fairway status --env ${environment}`,
    },
  );
}
