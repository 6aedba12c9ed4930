import { failure, type FairwayError } from "../../model/errors.ts";
import { secretSpellings } from "../../model/secret-spellings.ts";

/** What is said of a repository when it fails. */
export interface GitPlace {
  readonly url: string;
  /** Where the user writes the token: `the value MANIFESTS_TOKEN in --secrets`. */
  readonly tokenAt: string;
  readonly token: string | null;
}

/** No answer, or one that may be another in a moment. */
export class GitUnreachable extends Error {
  override readonly name = "GitUnreachable";
  readonly error: FairwayError;

  constructor(error: FairwayError) {
    super(error.message);
    this.error = error;
  }
}

export function connectionFailure(place: GitPlace, cause: unknown): GitUnreachable {
  return new GitUnreachable(
    failure(`the git server does not answer: ${reasonOf(cause)}`, {
      code: "GIT_UNREACHABLE",
      place: place.url,
      remedy: "see that the address is right and that this machine reaches it, then repeat the command",
      cause,
    }),
  );
}

/** What a status that is no success means. */
export function answerFailure(place: GitPlace, status: number, body: string): FairwayError | GitUnreachable {
  const words = hidden(body.replace(/\s+/g, " ").trim().slice(0, 300), place.token);
  const message = `the git server answered ${status}${words === "" || words.startsWith("<") ? "" : `: ${words}`}`;
  const details = { place: place.url };
  if (status === 401 || status === 403) {
    return failure(message, {
      ...details,
      code: status === 401 ? "GIT_UNAUTHORIZED" : "GIT_DENIED",
      remedy:
        place.token === null
          ? `give it a token: ${place.tokenAt}`
          : `see that ${place.tokenAt} is valid and may read and write this repository`,
    });
  }
  if (status === 404) {
    return failure(message, {
      ...details,
      code: "GIT_NOT_FOUND",
      remedy: `see that the address is spelled right; a server may also hide what ${place.tokenAt} may not see`,
    });
  }
  if (status === 408 || status === 429 || status >= 500) {
    const remedy = "the fault is the server's: repeat the command later";
    return new GitUnreachable(failure(message, { ...details, code: "GIT_UNAVAILABLE", remedy }));
  }
  return failure(message, { ...details, code: "GIT_REFUSED", remedy: "see the server's own words" });
}

/** Nobody follows: the token is for this address alone. */
export function movedFailure(place: GitPlace, location: string | null): FairwayError {
  const to = location?.replace(/\/(info\/refs|git-(upload|receive)-pack)(\?.*)?$/, "") ?? "another address";
  return failure(`the repository is at ${hidden(to, place.token)} now`, {
    code: "GIT_MOVED",
    place: place.url,
    remedy: "write that address into the config",
  });
}

/** The text without the secret, in whatever form it is spelled. */
export function hidden(text: string, secret: string | null): string {
  if (secret === null) return text;
  return secretSpellings(secret).reduce((seen, { text: spelling }) => seen.replaceAll(spelling, "***"), text);
}

/** Fetch hides what happened in the last cause. */
function reasonOf(cause: unknown): string {
  let last = cause;
  while (last instanceof Error && last.cause instanceof Error) last = last.cause;
  if (last instanceof AggregateError) last = last.errors.at(-1);
  return last instanceof Error ? last.message : String(last);
}
