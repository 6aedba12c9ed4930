import type { Value } from "../values.ts";
import { changeset } from "./changeset.ts";
import { address } from "./address.ts";
import { container } from "./container.ts";
import { directory } from "./directory.ts";
import { envFile } from "./env-file.ts";
import { error } from "./error-value.ts";
import { file } from "./file.ts";
import { gitRef, gitRepository } from "./git.ts";
import { host } from "./host.ts";
import { jsonValue } from "./json-value.ts";
import { query } from "./query.ts";
import { plain, type Given, type Resolver, type Resolvers } from "./resolver.ts";
import { service } from "./service.ts";
import type { Session } from "../session.ts";
import type { States, TypeName } from "../states.ts";

/** A resolver for each field of the schema (a test holds them against each other). */
export const resolvers: Readonly<
  Record<
    string,
    Readonly<Record<string, (self: Value, given: Given, session: Session) => unknown>> | undefined
  >
> = Object.fromEntries(
  Object.entries({
    ...{ Query: query, Host: host, Container: container, Directory: directory, File: file, Service: service },
    Secret: fieldsOf<"Secret">("name", "uri", "plaintext"),
    ...{ Address: address, GitRepository: gitRepository, GitRef: gitRef },
    CacheVolume: {},
    ...{ Changeset: changeset, EnvFile: envFile, JSONValue: jsonValue, Error: error },
    ErrorValue: fieldsOf<"ErrorValue">("name", "value"),
    SearchResult: {
      ...fieldsOf<"SearchResult">("filePath", "lineNumber", "absoluteOffset", "matchedLines"),
      submatches: async (self, _given, session) =>
        (await self.state()).submatches.map((part) => plain(session, "SearchSubmatch", part)),
    },
    SearchSubmatch: fieldsOf<"SearchSubmatch">("text", "start", "end"),
    EnvVariable: fieldsOf<"EnvVariable">("name", "value"),
    Label: fieldsOf<"Label">("name", "value"),
    Port: fieldsOf<"Port">("port", "protocol", "description", "experimentalSkipHealthcheck"),
    Stat: fieldsOf<"Stat">("name", "fileType", "permissions", "size"),
    HealthcheckConfig: fieldsOf<"HealthcheckConfig">(
      ...(["args", "shell", "interval", "timeout", "startPeriod", "startInterval", "retries"] as const),
    ),
  } satisfies { [T in TypeName]: Resolvers<T> }).map(([type, fields]) => [
    type,
    { ...fields, id: (self: Value) => self.id } as never,
  ]),
);

function fieldsOf<T extends TypeName>(...names: readonly (keyof States[T] & string)[]): Resolvers<T> {
  const read =
    (name: keyof States[T]): Resolver<T> =>
    async (self) =>
      ((await self.state()) as NonNullable<States[T]>)[name as never];
  return Object.fromEntries(names.map((name) => [name, read(name)]));
}
