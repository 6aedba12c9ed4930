import { deflateSync } from "node:zlib";
import type Git from "isomorphic-git";
import type { HttpClient } from "isomorphic-git";
import { failure, isFairwayError } from "../../../model/errors.ts";
import { GitUnreachable, memoryFileSystem } from "../../git/git.ts";
import { parentsOf, type Commit } from "./commits.ts";
import { NoAnswer } from "./failures.ts";

/** `moved`: the ref is not where it was expected, and nothing was sent. */
export type Pushed = "done" | "moved" | { readonly refused: string };

/** What a commit came with when it was fetched, and all before it that were not known. */
export interface Fetched {
  readonly tip: string;
  /** Oldest first. */
  readonly commits: readonly Commit[];
  /** The parent of the first of them; null when that has none. */
  readonly base: string | null;
}

/**
 * A repository on a git server, by the smart HTTP protocol. Nothing of it is kept here: each request has its own small repository
 * in memory. All of it may throw NoAnswer, and what the git server refuses with (GIT_DENIED and others).
 */
export interface Remote {
  /** What the refs point at whose names begin like this. */
  refs(prefix: string): Promise<ReadonlyMap<string, string>>;
  /** The commits that a ref has after `known`. @returns null when there is no such ref */
  fetch(ref: string, known: Commit | null, depth?: number): Promise<Fetched | null>;
  /** Moves the ref from `expected` (null: no such ref) to the commit, or leaves it: the server compares and swaps. */
  push(ref: string, commit: Commit, expected: string | null): Promise<Pushed>;
}

type Files = ReturnType<typeof memoryFileSystem>;

const noOid = "0".repeat(40);
const gitdir = "/ledger.git";

/** Longer than an honest answer takes; a first fetch brings the whole ledger. */
const timeoutMs = { refs: 30_000, fetch: 120_000, push: 60_000 };

/** @param server asks it, until the signal is aborted */
export async function openRemote(url: string, server: (signal: AbortSignal) => HttpClient): Promise<Remote> {
  const { default: git } = await import("isomorphic-git");

  const repository = async (): Promise<Files> => {
    const fs = memoryFileSystem();
    await git.init({ fs, dir: gitdir, gitdir, bare: true });
    await git.setConfig({ fs, gitdir, path: "remote.origin.fetch", value: "+refs/*:refs/*" });
    return fs;
  };
  return {
    refs: async (prefix) => {
      const refs = await git
        .listServerRefs({ http: server(AbortSignal.timeout(timeoutMs.refs)), url, prefix })
        .catch((error: unknown) => {
          throw meant(error, url);
        });
      return new Map(refs.map(({ ref, oid }) => [ref, oid]));
    },

    fetch: async (ref, known, depth) => {
      const fs = await repository();
      if (known !== null) await put(git, fs, ref, known);
      const http = server(AbortSignal.timeout(timeoutMs.fetch));
      const options = { fs, gitdir, http, url, remote: "origin", ref, remoteRef: ref };
      const shallow = depth === undefined ? {} : { depth };
      try {
        const { fetchHead } = await git.fetch({ ...options, ...shallow, singleBranch: true, tags: false });
        if (fetchHead === null) return null;
        const cache = {};
        const read = async (oid: string) => (await git.readCommit({ fs, gitdir, oid, cache })).payload;
        return await commitsBack(read, fetchHead, known?.oid);
      } catch (error) {
        if (isNotThere(error, ref)) return null;
        throw meant(error, url);
      }
    },

    push: async (ref, commit, expected) => {
      const fs = await repository();
      const http = server(AbortSignal.timeout(timeoutMs.push));
      await put(git, fs, ref, commit);
      const said: string[] = [];
      try {
        // Forced, so that isomorphic-git does not look for ancestors: the comparison here is stricter than a fast-forward.
        await git.push({
          ...{ fs, gitdir, http, url, remote: "origin", ref, remoteRef: ref, force: true },
          onMessage: (line) => void said.push(line.trim()),
          onPrePush: ({ remoteRef }) => remoteRef.oid === (expected ?? noOid),
        });
        return "done";
      } catch (error) {
        if (codeOf(error) === "UserCanceledError") return "moved";
        const reason = refusalIn(error, ref);
        // A hook says more than the server says of it.
        if (reason !== null) return { refused: [reason, ...said].join(" ").trim().slice(0, 500) };
        throw meant(error, url);
      }
    },
  };
}

/** Made by hand: isomorphic-git would write the commit in its own words, which may have another hash. */
async function put(git: typeof Git, fs: Files, ref: string, { oid, content }: Commit): Promise<void> {
  const bytes = Buffer.from(content);
  const object = Buffer.concat([Buffer.from(`commit ${String(bytes.length)}\0`), bytes]);
  const folder = `${gitdir}/objects/${oid.slice(0, 2)}`;
  await fs.promises.mkdir(folder);
  await fs.promises.writeFile(`${folder}/${oid.slice(2)}`, deflateSync(object));
  await git.writeRef({ fs, gitdir, ref, value: oid, force: true });
}

type ReadCommit = (oid: string) => Promise<string>;

async function commitsBack(read: ReadCommit, tip: string, known: string | undefined): Promise<Fetched> {
  const commits: Commit[] = [];
  let oid: string | null = tip;
  while (oid !== null && oid !== known) {
    const content = await contentOf(read, oid);
    if (content === null) break;
    commits.push({ oid, content });
    oid = parentsOf(content)[0] ?? null;
  }
  return { tip, commits: commits.reverse(), base: oid };
}

async function contentOf(read: ReadCommit, oid: string): Promise<string | null> {
  try {
    return await read(oid);
  } catch (error) {
    if (isNotThere(error, oid)) return null;
    throw error;
  }
}

/** Why the server did not move the ref, when that is what it said. */
function refusalIn(error: unknown, ref: string): string | null {
  if (codeOf(error) !== "GitPushError") return null;
  const { result } = (
    error as { data: { result: { error?: string; refs: Record<string, { error: string }> } } }
  ).data;
  return result.refs[ref]?.error ?? result.error ?? "it does not say why";
}

/** Nothing else that is missing may be taken for a ref that is not there: a ledger would look empty. */
function isNotThere(error: unknown, what: string): boolean {
  return codeOf(error) === "NotFoundError" && (error as { data?: { what?: unknown } }).data?.what === what;
}

/** Errors of isomorphic-git in this ledger's terms. */
function meant(error: unknown, url: string): Error {
  if (isFairwayError(error) || error instanceof NoAnswer) return error;
  if (error instanceof GitUnreachable) return new NoAnswer(error.message, { cause: error });
  if (codeOf(error) === "SmartHttpError") {
    return failure("There is a web server at the ledger's address, and no git repository.", {
      code: "GIT_ANSWER",
      place: url,
      remedy: "Check ledger.git.url in fairway.yaml.",
    });
  }
  // What isomorphic-git could not read was no answer.
  return new NoAnswer(error instanceof Error ? error.message : String(error), { cause: error });
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}
