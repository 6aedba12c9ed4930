import { EngineError } from "../errors.ts";
import { gitAddress } from "../git/address.ts";
import { checkout } from "../git/checkout.ts";
import { commonAncestor } from "../git/common-ancestor.ts";
import { findRef, isCommit, latestVersion, namesBelow, type Ref, type Refs } from "../git/refs.ts";
import { remoteRepository } from "../git/remote.ts";
import { uncommitted } from "../git/uncommitted.ts";
import type { Session } from "../session.ts";
import type { Value } from "../values.ts";
import { derived, type Given, type Resolver, type Resolvers } from "./resolver.ts";

/** The repository at an address; the server is asked when somebody wants to know something of it. */
export function gitOf(session: Session, given: Given): Value<"GitRepository"> {
  const url = String(given.url);
  const token = secret(session, given.httpAuthToken);
  const header = secret(session, given.httpAuthHeader);
  const service = given.experimentalServiceHost as string | null | undefined;
  const host = service == null ? undefined : session.values.load("Service", service);
  const discardGitDir = given.keepGitDir === false;
  const username = (given.httpAuthUsername as string | undefined) ?? "";
  return session.values.of({
    ...{ type: "GitRepository", operation: "Query.git", arguments: [url, discardGitDir, username] },
    inputs: [token, header, host] as never,
    make: async () => {
      const address = gitAddress(url);
      return remoteRepository(session, {
        address,
        url,
        discardGitDir,
        username,
        token,
        header,
        service: host,
      });
    },
  });
}

function secret(session: Session, id: unknown): Value<"Secret"> | undefined {
  return id == null ? undefined : session.values.load("Secret", id as string);
}

/** A field that answers one of the repository's refs. */
function finds(operation: string, find: (refs: Refs, given: Given) => Ref): Resolver<"GitRepository"> {
  return (self, given, session) =>
    derived(session, self, "GitRef", operation, given, async (repository) => ({
      repository,
      ref: find(await repository.refs(), given),
    }));
}

function lists(prefix: "refs/heads/" | "refs/tags/"): Resolver<"GitRepository"> {
  return async (self, given) =>
    namesBelow(
      await (await self.state()).refs(),
      prefix,
      (given.patterns as string[] | null | undefined) ?? [],
    );
}

const below = (prefix: string, name: string) => (name.startsWith(prefix) ? name : `${prefix}${name}`);

export const gitRepository: Resolvers<"GitRepository"> = {
  url: async (self) => (await self.state()).url,
  head: finds("head", (refs) => findRef(refs, "HEAD")),
  ref: finds("ref", (refs, given) => findRef(refs, String(given.name))),
  branch: finds("branch", (refs, given) => findRef(refs, below("refs/heads/", String(given.name)))),
  tag: finds("tag", (refs, given) => findRef(refs, below("refs/tags/", String(given.name)))),
  commit: finds("commit", (refs, given) => {
    const id = String(given.id);
    if (!isCommit(id)) throw new EngineError(`invalid commit SHA: ${JSON.stringify(id)}`);
    return findRef(refs, id);
  }),
  latestVersion: finds("latestVersion", latestVersion),
  uncommitted: (self, given, session) =>
    derived(session, self, "Changeset", "uncommitted", given, (repository) =>
      uncommitted(session, repository),
    ),
  branches: lists("refs/heads/"),
  tags: lists("refs/tags/"),
};

export const gitRef: Resolvers<"GitRef"> = {
  commit: async (self) => (await self.state()).ref.commit,
  ref: async (self) => {
    const { ref } = await self.state();
    return ref.name || ref.commit;
  },
  tree: (self, given, session) =>
    derived(session, self, "Directory", "tree", given, async (state) => ({
      path: "/",
      contents: await checkout(session, state, {
        discardGitDir: given.discardGitDir === true,
        depth: Number(given.depth),
        includeTags: given.includeTags === true,
      }),
    })),
  commonAncestor: (self, given, session) => {
    const other = session.values.load("GitRef", String(given.other));
    const make = async () => commonAncestor(await self.state(), await other.state());
    return derived(session, self, "GitRef", "commonAncestor", given, make, [other as never]);
  },
};
