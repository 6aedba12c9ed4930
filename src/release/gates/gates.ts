import { exitCodes, FairwayError } from "../../model/errors.ts";

export { evidenceSection, isMissing, requireEvidence } from "./require-evidence.ts";

/** Refuses a commit that is not on the environment's branch; a branch that is not known is never guessed. */
export function requireBranch(input: {
  readonly environment: string;
  /** null when the environment takes any branch. */
  readonly required: string | null;
  readonly branch: string | null;
  readonly command: string;
}): void {
  const { environment, required, branch, command } = input;
  if (required === null || branch === required) return;
  if (branch === null) {
    throw new FairwayError(
      `${environment} takes only the branch ${required}, and this checkout does not say which branch it is on.`,
      {
        code: "REF_UNKNOWN",
        exitCode: exitCodes.usage,
        place: `fairway.yaml environments.${environment}.branch`,
        remedy: `Name it: ${command} deploy --env ${environment} --ref <branch or tag>`,
      },
    );
  }
  throw new FairwayError(`${environment} takes only the branch ${required}; this commit is on ${branch}.`, {
    code: "BRANCH_REFUSED",
    exitCode: exitCodes.failed,
    place: `fairway.yaml environments.${environment}.branch`,
    remedy: `git switch ${required}`,
  });
}

/** A commit is what is deployed; only on this machine may it be a working tree that differs from it. */
export function requireCommitted(input: {
  readonly environment: string;
  /** Whether it is on this machine. */
  readonly isLocal: boolean;
  readonly changes: readonly string[];
}): void {
  const { environment, isLocal, changes } = input;
  if (isLocal || changes.length === 0) return;
  throw new FairwayError(
    `${environment} takes commits only, and the working tree has changes that are in none.`,
    {
      code: "UNCOMMITTED_CHANGES",
      exitCode: exitCodes.usage,
      output: changes.slice(0, 20).join("\n"),
      remedy: "git stash, or git commit",
    },
  );
}
