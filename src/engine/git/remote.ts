import * as nodeFiles from "node:fs";
import type { HttpClient } from "isomorphic-git";
import { EngineError } from "../errors.ts";
import { byBytes } from "../files/paths.ts";
import type { Session } from "../session.ts";
import type { Value } from "../values.ts";
import type { GitAddress } from "./address.ts";
import { daemonClient } from "./daemon-client.ts";
import { httpClient } from "./http-client.ts";
import type { Ref, Refs } from "./refs.ts";
import type { Objects, Repository, Wanted } from "./repository.ts";

export interface RemoteOptions {
  readonly address: GitAddress;
  /** As it was given. */
  readonly url: string;
  readonly discardGitDir: boolean;
  readonly username: string;
  readonly token: Value<"Secret"> | undefined;
  /** The whole Authorization header. */
  readonly header: Value<"Secret"> | undefined;
  /** Runs while the server is asked, and is found by its hostname. */
  readonly service: Value<"Service"> | undefined;
}

/** A server's repository; its refs are asked once. */
export async function remoteRepository(session: Session, options: RemoteOptions): Promise<Repository> {
  const refs = await asking(session, options, readRefs);
  return {
    ...{ key: ["remote", options.address.url], url: options.url, discardGitDir: options.discardGitDir },
    ...{ origin: options.address.url, folder: null, refs: () => Promise.resolve(refs) },
    withObjects: (wanted, use) =>
      asking(session, options, async (server) => {
        await using scratch = await session.store.scratch();
        return await use(await fetchObjects(server, scratch.path, wanted));
      }),
  };
}

/** A server as isomorphic-git asks it. */
interface Server {
  readonly http: HttpClient;
  readonly url: string;
}

function asking<T>(
  session: Session,
  options: RemoteOptions,
  use: (server: Server) => Promise<T>,
): Promise<T> {
  // Nothing is asked of the network for answers that come from a script.
  session.needsDisk();
  return session.pending.run(async () => {
    const { address } = options;
    const held = await session.services.holdFor(options.service);
    try {
      const reach = { hosts: held.hosts, signal: session.signal };
      const http =
        address.scheme === "git"
          ? daemonClient(address.url, reach)
          : httpClient({ ...reach, authorization: await authorizationOf(options) });
      // isomorphic-git knows only http: the client knows where it goes.
      return await use({ http, url: address.url.replace(/^git:/, "http:") });
    } catch (error) {
      throw error instanceof EngineError
        ? error
        : new EngineError(`git error: ${(error as Error).message.split("\n")[0] ?? ""}`, { cause: error });
    } finally {
      held.release();
    }
  });
}

async function authorizationOf(options: RemoteOptions): Promise<string | undefined> {
  const { address, header, token } = options;
  if (header !== undefined) return (await header.state()).plaintext;
  const password = token === undefined ? address.password : (await token.state()).plaintext;
  if (password === "") return undefined;
  const username = options.username || address.username || "x-access-token";
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

async function readRefs({ http, url }: Server): Promise<Refs> {
  const git = await import("isomorphic-git");
  const listed = await git.listServerRefs({ http, url, protocolVersion: 1, symrefs: true, peelTags: true });
  const all: Ref[] = listed
    .filter(({ ref }) => ref.startsWith("refs/"))
    .map(({ ref, oid, peeled }) => ({ name: ref, commit: peeled ?? oid, oid }))
    .sort((a, b) => byBytes(a.name, b.name));
  const head = listed.find(({ ref }) => ref === "HEAD");
  const isKnown = all.some(({ name }) => name === head?.target);
  return {
    all,
    head:
      head === undefined
        ? null
        : { name: isKnown ? (head.target ?? "HEAD") : "HEAD", commit: head.oid, oid: head.oid },
  };
}

/** A bare repository in `gitdir` with what is wanted; with more where the server does not give a commit by its hash. */
async function fetchObjects({ http, url }: Server, gitdir: string, wanted: Wanted): Promise<Objects> {
  const git = await import("isomorphic-git");
  const at = { fs: nodeFiles, gitdir, cache: {} };
  await git.init({ ...at, bare: true });
  await git.addRemote({ ...at, remote: "origin", url });
  const from = { ...at, http, remote: "origin", url };
  const depth = wanted.depth > 0 ? { depth: wanted.depth } : {};
  for (const commit of wanted.commits) {
    await git
      .fetch({ ...from, ...depth, ref: commit, remoteRef: commit, singleBranch: true })
      .catch((error: unknown) => {
        if (error instanceof EngineError) throw error;
      });
  }
  const has = await Promise.all(
    wanted.commits.map((oid) =>
      git.readCommit({ ...at, oid }).then(
        () => true,
        () => false,
      ),
    ),
  );
  if (has.includes(false)) await git.fetch({ ...from, tags: true });
  if (wanted.includeTags) await git.fetch({ ...from, ...depth, tags: true });
  return at;
}
