import type { Registry } from "../../model/registry.ts";
import { openRepository, type Repository } from "../../oci/oci.ts";

/** The repository of an image, with what its registry is logged in to by, and asked with. */
export async function repositoryIn(
  registry: Registry,
  reference: string,
  signal?: AbortSignal,
): Promise<Repository> {
  const credentials = await registry.credentials();
  return openRepository(reference, {
    ...(credentials === null ? {} : { credentials }),
    ...(signal === undefined ? {} : { signal }),
    credentialsAt: registry.credentialsAt,
    fetch: registry.fetch,
  });
}
