import { failure, usageError, type FairwayError } from "../../../model/errors.ts";

/** No answer came, or none that means anything: what was asked may have happened, and may still happen. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** Where a ledger is, as it may be shown: never with a token. */
export interface Place {
  readonly url: string;
  readonly ref: string;
}

export function unreachable(cause: NoAnswer, { url, ref }: Place, patienceSeconds: number): FairwayError {
  return failure(`The ledger was out of reach for ${String(patienceSeconds)} seconds: ${cause.message}`, {
    code: "LEDGER_UNREACHABLE",
    place: `${url} ${ref}`,
    remedy: "Check that this machine reaches the git server, then type the same command again.",
    cause,
  });
}

/** The server took the push and refuses to move the ref, again and again. */
export function refusedByServer(reason: string, { url, ref }: Place): FairwayError {
  return failure(`The ledger's repository refuses to update ${ref}: ${reason}`, {
    code: "LEDGER_REFUSED",
    place: `${url} ${ref}`,
    remedy:
      "Check the token's rights, and rules and hooks of the repository. A service that takes nothing but branches and tags " +
      "needs a branch: ledger.git.ref: refs/heads/fairway-ledger",
  });
}

export function busy(minutes: number, { url, ref }: Place): FairwayError {
  return failure(`Others append to the ledger all the time: no turn came in ${String(minutes)} minutes.`, {
    code: "LEDGER_BUSY",
    place: `${url} ${ref}`,
    remedy: "Type the same command again.",
  });
}

/** History that was known is not there any more. Nothing here puts it back, and nothing goes on from what is there now. */
export function rewritten(known: string, now: string | null, place: Place, cache: string): FairwayError {
  const found = now === null ? "it is gone" : `it is at ${now}, which does not come after it`;
  return failure(`The ledger was rewritten: ${place.ref} was at ${known}, and now ${found}.`, {
    code: "LEDGER_REWRITTEN",
    place: `${place.url} ${place.ref}`,
    remedy:
      "Find out who did it and why: deployments may have been forgotten. Whoever has the old commit can put it back:\n" +
      `git push ${place.url} ${known}:${place.ref}\n` +
      `If it was meant, forget what was known before: rm ${cache}`,
  });
}

export function noEvent(oid: string, { url, ref }: Place): FairwayError {
  return failure(`Commit ${oid} of the ledger holds no event that follows the one before it.`, {
    code: "LEDGER_UNREADABLE",
    place: `${url} ${ref}`,
    remedy: `Somebody else pushed to this ref. See what it is: git fetch ${url} ${ref} && git log FETCH_HEAD`,
  });
}

/** @returns the URL without user, password and trailing slash. @throws FairwayError LEDGER_URL (exit 2) */
export function requireHttpUrl(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) {
    url.username = url.password = url.hash = url.search = "";
    return url.href.replace(/\/+$/, "");
  }
  const ssh = /^(?:ssh:\/\/)?(?:[^@/]+@)?([^:/]+)(?::\d+\/|[:/])(.+)$/.exec(text);
  throw usageError(
    "the ledger's repository is not given by an HTTPS address, and nothing else can be used with a token",
    {
      code: "LEDGER_URL",
      place: "ledger.git.url",
      remedy:
        ssh === null
          ? "Write it as https://host/owner/repository.git"
          : `ledger:\n  git:\n    url: https://${ssh[1] ?? ""}/${ssh[2] ?? ""}`,
    },
  );
}

/** @throws FairwayError LEDGER_REF (exit 2) */
export function requireRef(ref: string): string {
  const parts = ref.split("/");
  const good = parts.every((part) => /^[\w-][\w.-]*$/.test(part) && !/\.\.|\.lock$|\.$/.test(part));
  if (good && parts.length >= 3 && parts[0] === "refs") return ref;
  throw usageError(`${JSON.stringify(ref)} cannot be the ref of a ledger`, {
    code: "LEDGER_REF",
    place: "ledger.git.ref",
    remedy: "Use a full name: refs/fairway/ledger, or refs/heads/fairway-ledger for a branch.",
  });
}
