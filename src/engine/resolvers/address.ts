import { EngineError } from "../errors.ts";
import { parseGitAddress, type GitAddress } from "../git/address.ts";
import type { Session } from "../session.ts";
import type { TypeName } from "../states.ts";
import type { Value } from "../values.ts";
import { container } from "./container.ts";
import { directory } from "./directory.ts";
import { gitRef, gitRepository } from "./git.ts";
import { host } from "./host.ts";
import { query } from "./query.ts";
import type { Given, Resolver, Resolvers } from "./resolver.ts";

/** Each field is a short form of others: what they answer. */
export const address: Resolvers<"Address"> = {
  value: async (self) => (await self.state()).value,
  container: loads((value, session) =>
    of(container, "from", root(session, "container"), { address: value }, session),
  ),
  directory: loads((value, session, given) => {
    const git = parseGitAddress(value);
    if (git === undefined)
      return of(host, "directory", root(session, "host"), { ...given, path: local(value) }, session);
    const tree = treeAt(session, git);
    return git.subfolder === "" ? tree : of(directory, "directory", tree, { path: git.subfolder }, session);
  }),
  file: loads((value, session, given) => {
    const git = parseGitAddress(value);
    if (git === undefined)
      return of(host, "file", root(session, "host"), { ...given, path: local(value) }, session);
    if (git.subfolder === "") throw new EngineError("no file path specified within git repository");
    return of(directory, "file", treeAt(session, git), { path: git.subfolder }, session);
  }),
  gitRepository: loads((value, session) => {
    const git = parseGitAddress(value);
    if (git === undefined) return localGit(session, value);
    if (git.ref !== "") throw new EngineError("git repository address cannot contain ref");
    if (git.subfolder !== "") throw new EngineError("git repository address cannot contain subdir");
    return root(session, "git", { url: value });
  }),
  gitRef: loads((value, session) => {
    const git = parseGitAddress(value);
    if (git !== undefined) {
      if (git.subfolder !== "") throw new EngineError("git ref address cannot contain subdir");
      return refAt(session, git);
    }
    const [path = "", ref = ""] = value.split("#", 2);
    return named(session, localGit(session, path), ref);
  }),
  secret: loads((value, session) => root(session, "secret", secretUri(value))),
  service: loads((value, session) => {
    const [, scheme = "", name = "", port = ""] =
      /^(\w+):\/\/(\[[^\]]+\]|[^/:]*):(\d+)\/?$/.exec(value) ?? [];
    if (scheme !== "tcp" && scheme !== "udp")
      throw new EngineError(
        `unsupported service address: ${JSON.stringify(value)}. Must be a valid tcp:// or udp:// URL`,
      );
    const forward = { frontend: Number(port), backend: Number(port), protocol: scheme.toUpperCase() };
    const given = { host: name.replace(/^\[|\]$/g, ""), ports: [forward] };
    return of(host, "service", root(session, "host"), given, session);
  }),
};

function loads(load: (value: string, session: Session, given: Given) => unknown): Resolver<"Address"> {
  return async (self, given, session) => load((await self.state()).value, session, given);
}

/** A field of a value that is made here, without a query. */
function of<T extends TypeName>(
  fields: Resolvers<T>,
  field: string,
  self: Value,
  given: Given,
  session: Session,
): Value {
  return fields[field]?.(self as unknown as Value<T>, given, session) as Value;
}

function root(session: Session, field: string, given: Given = {}): Value {
  return query[field]?.(null as never, given, session) as Value;
}

function local(path: string): string {
  return path.replace(/^file:\/\//, "");
}

function localGit(session: Session, path: string): Value {
  const given = { path: local(path), include: [], exclude: [], gitignore: false, noCache: false };
  return of(directory, "asGit", of(host, "directory", root(session, "host"), given, session), {}, session);
}

function refAt(session: Session, { url, scheme, username, password, ref }: GitAddress): Value {
  const user = encodeURIComponent(username) + (password === "" ? "" : `:${encodeURIComponent(password)}`);
  const full = scheme === "ssh" || user === "" ? url : url.replace("://", `://${user}@`);
  return named(session, root(session, "git", { url: full }), ref);
}

function named(session: Session, repository: Value, ref: string): Value {
  return ref === ""
    ? of(gitRepository, "head", repository, {}, session)
    : of(gitRepository, "ref", repository, { name: ref }, session);
}

function treeAt(session: Session, git: GitAddress): Value {
  const whole = { discardGitDir: false, depth: 1, includeTags: false };
  return of(gitRef, "tree", refAt(session, git), whole, session);
}

/** `NAME` and `env:NAME` are `env://NAME`; a cacheKey in the query is the argument of that name. */
function secretUri(value: string): Given {
  const uri = value.includes(":") ? value.replace(/^(\w+):(?!\/\/)/, "$1://") : `env://${value}`;
  const at = uri.indexOf("?");
  const parameters = new URLSearchParams(at === -1 ? "" : uri.slice(at + 1));
  const cacheKey = parameters.get("cacheKey");
  if (cacheKey === null) return { uri };
  parameters.delete("cacheKey");
  const rest = parameters.toString();
  return { uri: uri.slice(0, at) + (rest === "" ? "" : `?${rest}`), cacheKey };
}
