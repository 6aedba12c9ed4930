import { isFairwayError, usageError, type FairwayError } from "../../model/errors.ts";
import { connectionFailure, GitUnreachable, hidden, type GitPlace } from "./failures.ts";
import { gitHttp } from "./http.ts";
import { memoryFileSystem } from "./memory-file-system.ts";
import { gitObjects, isNamed, type GitObjects, type ObjectStore } from "./objects.ts";

export interface GitRemoteOptions {
  /** `https://host/owner/repository`; http for loopback and inside of an engine. */
  readonly url: string;
  /** Full: `refs/heads/main`. */
  readonly ref: string;
  /** Null for a repository that everybody may read. */
  readonly token: string | null;
  /** What a server takes beside a token when it does not care: GitHub, GitLab and others. @default "x-access-token" */
  readonly username?: string | undefined;
  /** For errors: `the value MANIFESTS_TOKEN in --secrets`. */
  readonly tokenAt: string;
  /** How many commits are fetched at first; null for all. */
  readonly depth: number | null;
}

/** One ref of a repository on a server, without a git binary and without a file on disk. */
export interface GitRemote {
  readonly url: string;
  readonly objects: GitObjects;
  /** What the ref points to on the server now, fetched; null where there is no such ref. @throws GitUnreachable, FairwayError */
  fetch(signal: AbortSignal): Promise<string | null>;
  /**
   * Moves the ref from `parent` to `commit`, and from nothing else: the server compares and sets.
   * @throws FairwayError for what no repetition mends
   */
  push(commit: string, parent: string, signal: AbortSignal): Promise<PushOutcome>;
}

export type PushOutcome =
  | { readonly kind: "done" }
  /** The ref was elsewhere already: nothing was sent. */
  | { readonly kind: "moved" }
  /** The server said no to this ref, for a race that was lost in the last moment, or by its rules. */
  | {
      readonly kind: "refused";
      /** `protected branch hook declined` */
      readonly words: string;
      /** What it said beside that, for people; may be empty. */
      readonly output: string;
    }
  /** No answer: it may have happened. */
  | { readonly kind: "unknown"; readonly error: FairwayError };

const gitdir = "/repository";
const remote = "origin";

/** @throws FairwayError GIT_URL (exit 2) for what is not an http address */
export async function openGitRemote(options: GitRemoteOptions): Promise<GitRemote> {
  const url = checkedUrl(options.url);
  const { default: git } = await import("isomorphic-git");
  const store: ObjectStore = { git, place: { fs: memoryFileSystem(), gitdir, cache: {} } };
  const place: GitPlace = { url, token: options.token, tokenAt: options.tokenAt };
  const { ref } = options;
  // What was fetched is kept under a name of ours, so that the next fetch says what is here already.
  const tracking = `refs/remotes/${remote}/${ref.replace(/^refs\/heads\//, "")}`;
  await git.init({ ...store.place, bare: true });
  await git.addRemote({ ...store.place, remote, url });
  const asking = (signal: AbortSignal) => ({
    ...store.place,
    url,
    remote,
    http: gitHttp(place, options.username ?? "x-access-token", signal),
  });
  let fetched: string | null = null;

  const get = async (depth: number | null, signal: AbortSignal): Promise<string | null> => {
    const answer = await git.fetch({
      ...asking(signal),
      ...{ ref: tracking, remoteRef: ref, singleBranch: true, tags: false },
      ...(depth === null ? {} : { depth }),
    });
    return answer.fetchHead;
  };
  const fetch = async (signal: AbortSignal): Promise<string | null> => {
    try {
      if (fetched !== null) {
        const refs = await git.listServerRefs({ ...asking(signal), prefix: ref });
        const now = refs.find((candidate) => candidate.ref === ref)?.oid ?? null;
        if (now === null || now === fetched) return now;
      }
      fetched = await get(fetched === null ? options.depth : null, signal);
      return fetched;
    } catch (error) {
      if (isNamed(error, "NotFoundError")) return null;
      throw told(error, place);
    }
  };
  const push = async (commit: string, parent: string, signal: AbortSignal): Promise<PushOutcome> => {
    const request = { sent: false };
    const said: string[] = [];
    try {
      await git.push({
        ...asking(signal),
        ...{ ref: commit, remoteRef: ref },
        onPrePush: ({ remoteRef }) => (request.sent = remoteRef.oid === parent),
        onMessage: (line) => void said.push(line),
      });
      return { kind: "done" };
    } catch (error) {
      if (isNamed(error, "UserCanceledError")) return { kind: "moved" };
      if (isNamed(error, "GitPushError"))
        return {
          kind: "refused",
          words: hidden(wordsOf(error), place.token),
          output: hidden(said.join("").trim(), place.token),
        };
      if (signal.aborted || isFairwayError(error) || !request.sent) throw told(error, place);
      const unclear = error instanceof GitUnreachable ? error : connectionFailure(place, error);
      return { kind: "unknown", error: unclear.error };
    }
  };
  return { url, objects: gitObjects(store), fetch, push };
}

function checkedUrl(text: string): string {
  const remedy =
    "write the address that a browser shows, and give a token: https://host/owner/repository with token: NAME";
  const refuse = (message: string) =>
    usageError(message, { code: "GIT_URL", place: text.replace(/\/\/[^/@]*@/, "//"), remedy });
  if (/^(ssh:|git@|[\w.-]+@[\w.-]+:)/.test(text))
    throw refuse(
      "a repository is reached over https here, with a token; ssh needs keys that an engine has not",
    );
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw refuse("a repository's address begins with https://");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "")
    throw refuse("a repository's address has no user name or token in it: those are secrets");
  return url.href.replace(/\/+$/, "");
}

function told(error: unknown, place: GitPlace): unknown {
  if (error instanceof GitUnreachable || isFairwayError(error) || !(error instanceof Error)) return error;
  const failure = usageError(`no git server answers there: ${hidden(error.message, place.token)}`, {
    code: "GIT_ANSWER",
    place: place.url,
    remedy: "see that this is the address of a repository, as git would clone it",
    cause: error,
  });
  return isNamed(error, "SmartHttpError") || isNamed(error, "ParseError") ? failure : error;
}

/** `pre-receive hook declined`, `failed to update ref`. */
function wordsOf(error: unknown): string {
  const { data } = error as { data?: { prettyDetails?: string } };
  return (data?.prettyDetails ?? String(error)).replace(/\s*- \S+: /g, "").trim();
}
