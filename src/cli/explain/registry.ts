import type { Registry } from "../../model/registry.ts";
import type { FakeRegistry } from "../../testing/testing.ts";
import type { Seen } from "./seen.ts";

/** The registry that the config names, answered by one in memory: nobody logs in to it, and nothing is sent. */
export function explainedRegistry(opened: Registry, fake: FakeRegistry, seen: Seen): Registry {
  const { kind, address, credentialsAt } = opened;
  return {
    ...{ kind, address, credentialsAt, repository: (service) => opened.repository(service) },
    credentials: () => Promise.resolve(null),
    fetch: async (url, request) => {
      const [, repository = "", part = "", name = ""] =
        /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? [];
      const image = `${address}/${repository}`;
      seen.assume(
        "the digests and layers of images, and what their bases bring",
        "each is taken to be another than the one that is live",
      );
      if (part === "blobs") seen.withImage(`read ${image} back, to see what is wrong with it`);
      if (request.method === "PUT") seen.withImage(`tag ${image}:${withoutDigest(name)}`);
      return fake.fetch(url, request);
    },
  };
}

/** Of the tag that says what an image was built from, what is of digests: those of here are of nothing. */
function withoutDigest(tag: string): string {
  return tag.replace(/^build-[0-9a-f]{64}\.[0-9a-f]{12}$/, "build-<content>.<digest>");
}
