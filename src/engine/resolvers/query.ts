import { hashOf } from "../../model/canonical-json.ts";
import { bareContainer } from "../container/state.ts";
import { EngineError } from "../errors.ts";
import { fetchFile, nameIn } from "../http/fetch-file.ts";
import { emptyTree, fileEntry, rootEntry, Tree } from "../files/tree.ts";
import { nodeTypes } from "../schema/schema.ts";
import { secretOf, secretFrom } from "../secrets/secrets.ts";
import type { Session } from "../session.ts";
import { gitOf } from "./git.ts";
import { plain, type Given, type Resolver } from "./resolver.ts";

/** The release of Dagger whose API this is. */
const daggerVersion = "v0.21.8";

type Root = (given: Given, session: Session) => unknown;

const fields: Readonly<Record<string, Root>> = {
  version: () => daggerVersion,
  defaultPlatform: (_given, session) => session.platform,
  node: (given, session) => session.values.find(String(given.id)),
  host: (_given, session) =>
    session.values.of({ type: "Host", operation: "Query.host", make: () => Promise.resolve(null) }),

  container: (given, session) => {
    const platform = (given.platform as string | undefined) ?? session.platform;
    return session.values.of({
      ...{ type: "Container", operation: "Query.container", arguments: platform },
      make: () => Promise.resolve(bareContainer(platform)),
    });
  },

  directory: (_given, session) =>
    session.values.of({
      ...{ type: "Directory", operation: "Query.directory" },
      make: () => Promise.resolve({ contents: emptyTree, path: "/" }),
    }),

  file: (given, session) => {
    const name = String(given.name);
    if (name.includes("/"))
      throw new EngineError(`file name ${JSON.stringify(name)} must not contain a directory`);
    if (name === "") throw new EngineError("open : is a directory");
    const bytes = Buffer.from(String(given.contents));
    const permissions = Number(given.permissions);
    return session.values.of({
      type: "File",
      operation: "Query.file",
      arguments: [name, hashOf(String(given.contents)), permissions],
      make: () => {
        const entries = new Map([
          ["", rootEntry],
          [name, fileEntry(bytes, permissions & 0o777)],
        ]);
        return Promise.resolve({ contents: new Tree(entries, null), path: `/${name}`, name });
      },
    });
  },

  changeset: (_given, session) =>
    session.values.of({
      ...{ type: "Changeset", operation: "Query.changeset" },
      make: () => {
        const nothing = { contents: emptyTree, path: "/" };
        return Promise.resolve({ before: nothing, after: nothing });
      },
    }),
  envFile: (_given, session) => plain(session, "EnvFile", { lines: [] }),
  json: (_given, session) => plain(session, "JSONValue", { text: "null" }),
  error: (given, session) => plain(session, "Error", { message: String(given.message), values: [] }),

  setSecret: (given, session) => secretOf(session, String(given.name), String(given.plaintext)),
  secret: (given, session) => secretFrom(session, String(given.uri), given.cacheKey as string | undefined),

  address: (given, session) => {
    const value = String(given.value);
    if (value === "") throw new EngineError("resource cannot have empty address");
    return plain(session, "Address", { value });
  },
  git: (given, session) => gitOf(session, given),
  http: (given, session) => {
    const url = String(given.url);
    const name = (given.name as string | null | undefined) ?? nameIn(url);
    if (name.includes("/"))
      throw new EngineError(`file name ${JSON.stringify(name)} must not contain a directory`);
    const permissions = Number(given.permissions ?? 0o600) & 0o777;
    const checksum = (given.checksum as string | null | undefined) ?? null;
    const auth =
      given.authHeader == null ? undefined : session.values.load("Secret", String(given.authHeader));
    const host = given.experimentalServiceHost as string | null | undefined;
    const service = host == null ? undefined : session.values.load("Service", host);
    return session.values.of({
      ...{ type: "File", operation: "Query.http", arguments: [url, name, permissions, checksum] },
      ...{ inputs: [auth as never, service as never] },
      make: () =>
        session.pending.run(() => fetchFile(session, { url, name, permissions, checksum, auth, service })),
    });
  },

  cacheVolume: (given, session) => {
    const source = given.source == null ? undefined : session.values.load("Directory", String(given.source));
    const owner = (given.owner as string | undefined) ?? "";
    return session.values.of({
      ...{ type: "CacheVolume", operation: "Query.cacheVolume", arguments: [String(given.key), owner] },
      ...{
        inputs: [source as never],
        make: () => Promise.resolve({ name: String(given.key), source, owner }),
      },
    });
  },
};

const loaders = nodeTypes.map((type): [string, Root] => [
  `load${type}FromID`,
  (given, session) => {
    const value = session.values.find(String(given.id));
    if (value.type !== type) throw new EngineError(`load ${type}: expected ${type}, got ${value.type}`);
    return value;
  },
]);

export const query: Readonly<Record<string, Resolver<"Query">>> = Object.fromEntries(
  [...Object.entries(fields), ...loaders].map(([name, field]) => [
    name,
    (_self, given, session) => field(given, session),
  ]),
);
