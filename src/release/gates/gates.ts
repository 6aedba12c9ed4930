import type { Evidence } from "../../model/evidence.ts";
import { exitCodes, FairwayError } from "../../model/errors.ts";

/** Lets the release go on only when nothing failed and nothing is missing. Says all that stands in the way. */
export function requireEvidence(
  evidence: readonly Evidence[],
  /** What waits for it: the environment and the command to repeat. */
  waiting: { readonly subject: string; readonly again: string },
): void {
  const failed = evidence.filter((entry) => entry.verdict === "fail");
  if (failed.length > 0) {
    throw new FairwayError(`${failed.map((entry) => entry.name).join(", ")} failed; nothing was changed.`, {
      code: "CHECK_FAILED",
      exitCode: exitCodes.failed,
      output: failed.map((entry) => `── ${entry.name}: ${entry.summary}\n${entry.details}`).join("\n\n"),
      remedy: ["Repeat alone:", ...failed.map((entry) => `  ${entry.repeat}`)].join("\n"),
    });
  }
  const missing = evidence.filter((entry) => entry.verdict === "insufficient");
  if (missing.length > 0) {
    throw new FairwayError(
      `${waiting.subject} is held: ${missing.map((entry) => entry.summary).join("; ")}. Nothing was changed.`,
      {
        code: "HELD_FOR_EVIDENCE",
        exitCode: exitCodes.held,
        output: missing
          .map((entry) => `── ${entry.name}\n${entry.details ?? ""}\nmissing: ${entry.missing}`)
          .join("\n\n"),
        remedy: `When it is settled: ${waiting.again}`,
      },
    );
  }
}

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
