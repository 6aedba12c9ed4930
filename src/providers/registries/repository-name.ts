import { parseReference, repositoryName } from "../../oci/oci.ts";

/** `<address>/<path>/<pipeline>/<service>`, refused (`IMAGE_REFERENCE`) when a registry would not take it. */
export function serviceRepository(base: string, pipeline: string, service: string): string {
  const name = [...base.split("/"), pipeline, service].filter((part) => part !== "").join("/");
  return repositoryName(parseReference(name));
}
