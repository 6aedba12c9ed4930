import type { Operation, SmokeCheck } from "../../model/plan.ts";
import { visible } from "../../model/visible.ts";
import { titleOf } from "../../release/apply/apply.ts";
import { onlyLooked } from "../../release/only-looked.ts";
import type { ChangeRecord, RecordedOperation, Validation } from "./change.ts";

export { visible } from "../../model/visible.ts";

/** `2026-03-02 09:00:00 UTC` */
export function utc(at: string | null): string {
  return at === null ? "" : `${visible(at).slice(0, 19).replace("T", " ")} UTC`;
}

export function titleLine(operation: Operation): string {
  return visible(titleOf(operation));
}

export function attemptNumber({ index, wayBack }: RecordedOperation): string {
  return `${wayBack ? "back " : ""}${String(index + 1)}`;
}

export function checkText({ check, index }: Validation, { plan }: ChangeRecord): string {
  return check === null ? titleLine(plan.operations[index]!) : smokeText(check);
}

function smokeText({ service, path, status, contains }: SmokeCheck): string {
  const text = contains === null ? "" : ` with ${JSON.stringify(contains)}`;
  return visible(`${service} ${path} answers ${String(status)}${text}`);
}

/** `web, from 1234567 to 89abcde` */
export function headline({ action, release, from, environment }: ChangeRecord): string {
  const before = from === null ? "" : `, from ${from.version}`;
  return visible(`${action} of ${release.version} to ${environment}${before}`);
}

/** In words: how it ended, and whether the way back was needed for it. */
export function outcomeLine({ outcome, endedAt, message, operations }: ChangeRecord): string {
  const when = endedAt === null ? "" : ` at ${utc(endedAt)}`;
  const why = message === null ? "" : `: ${visible(message)}`;
  const what =
    {
      "not ended": "not ended: no end of it is in the ledger",
      // The words of now for what its events say: the record itself stays what it was.
      "rolled back":
        operations.length > 0 && onlyLooked(operations) ? "failed, nothing was changed" : outcome,
    }[outcome as string] ?? outcome;
  return `${what}${when}${why}`;
}

export function wayBackLine({ wayBack, from }: ChangeRecord): string {
  if (wayBack.taken) return `taken${wayBack.because === null ? "" : `, because ${visible(wayBack.because)}`}`;
  return from === null ? "not taken; it would have stopped what was started" : "not taken";
}

export function commitRange({ from, release, commits, commitsComplete }: ChangeRecord): string {
  const to = release.commit.slice(0, 12);
  if (from === null) return `up to ${to}`;
  const count = `${String(commits.length)} ${commits.length === 1 ? "commit" : "commits"}`;
  const range = `${from.commit.slice(0, 12)}..${to}`;
  return visible(commitsComplete ? `${range}, ${count}` : `${range}; which commits these are was not known`);
}

/** Everyone who wrote, with what they wrote. */
export function commitsByAuthor({ commits }: ChangeRecord) {
  const names = [...new Set(commits.map(({ author }) => `${author.name} <${author.email}>`))];
  return names.map((name) => ({
    author: visible(name),
    commits: commits
      .filter(({ author }) => `${author.name} <${author.email}>` === name)
      .map(({ commit, subject, coAuthors }) => ({
        commit: commit.slice(0, 12),
        subject: visible(subject),
        coAuthors:
          coAuthors.length === 0
            ? ""
            : ` ${visible(`(with ${coAuthors.map((one) => `${one.name} <${one.email}>`).join(", ")})`)}`,
      })),
  }));
}

/** `256 SHA256:...` is long: the start of a hash, for a table. */
export function shortHash(hash: string): string {
  return hash.slice(0, 19);
}
