import {
  hasVariable,
  rawVariables,
  variablesOf,
  withoutVariable,
  withVariable,
} from "../env-file/env-file.ts";
import { fileEntry, rootEntry, Tree } from "../files/tree.ts";
import type { Session } from "../session.ts";
import type { EnvFileState } from "../states.ts";
import { derived, plain, type Given, type Resolver, type Resolvers } from "./resolver.ts";

function reads(read: (file: EnvFileState, given: Given, session: Session) => unknown): Resolver<"EnvFile"> {
  return async (self, given, session) => read(await self.state(), given, session);
}

function makes(
  operation: string,
  make: (file: EnvFileState, given: Given, session: Session) => EnvFileState,
): Resolver<"EnvFile"> {
  return (self, given, session) =>
    derived(session, self, "EnvFile", operation, given, (file) => make(file, given, session));
}

const pairs = (file: EnvFileState, given: Given, session: Session) =>
  given.raw === true ? rawVariables(file) : variablesOf(file, session.options.variables);

export const envFile: Resolvers<"EnvFile"> = {
  variables: reads((file, given, session) =>
    pairs(file, given, session).map((pair) => plain(session, "EnvVariable", pair)),
  ),
  get: reads(
    (file, given, session) =>
      pairs(file, given, session).findLast(({ name }) => name === given.name)?.value ?? "",
  ),
  exists: reads((file, given) => hasVariable(file, String(given.name))),
  withVariable: makes("withVariable", (file, given) =>
    withVariable(file, String(given.name), String(given.value)),
  ),
  withoutVariable: makes("withoutVariable", (file, given) => withoutVariable(file, String(given.name))),
  namespace: makes("namespace", (file, given, session) => {
    const prefix = `${String(given.prefix).replaceAll("-", "_")}_`.toLowerCase();
    return variablesOf(file, session.options.variables)
      .filter(({ name }) => name.toLowerCase().startsWith(prefix))
      .reduce<EnvFileState>((made, { name, value }) => withVariable(made, name.slice(prefix.length), value), {
        lines: [],
      });
  }),
  asFile: (self, given, session) =>
    derived(session, self, "File", "asFile", given, ({ lines }) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      const entries = new Map([
        ["", rootEntry],
        [".env", fileEntry(bytes, 0o644)],
      ]);
      return { contents: new Tree(entries, null), path: "/.env", name: ".env" };
    }),
};
