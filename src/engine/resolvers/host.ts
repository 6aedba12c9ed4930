import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import { hashOf } from "../../model/canonical-json.ts";
import type { Given, Resolvers } from "./resolver.ts";

export const host: Resolvers<"Host"> = {
  directory: (_self, given, session) => {
    const selection = {
      ...{ include: given.include as string[], exclude: given.exclude as string[] },
      ...{ gitignore: given.gitignore === true, noCache: given.noCache === true },
    };
    return session.values.of({
      ...{ type: "Directory", operation: "Host.directory", arguments: again(given) },
      make: async () => ({
        contents: await session.host.directory(String(given.path), selection),
        path: "/",
      }),
    });
  },
  file: (_self, given, session) => {
    const path = String(given.path);
    return session.values.of({
      ...{ type: "File", operation: "Host.file", arguments: again(given) },
      make: async () => {
        const contents = await session.host.file(path, given.noCache === true);
        return { contents, path: `/${basename(path)}`, name: basename(path) };
      },
    });
  },
};

/** With `noCache` each asking is another value. */
function again(given: Given): string {
  return hashOf([given as never, given.noCache === true ? randomUUID() : ""]);
}
