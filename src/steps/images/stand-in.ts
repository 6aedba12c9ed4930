import { failure } from "../../model/errors.ts";
import { isLoopbackRegistry } from "../../oci/oci.ts";
import type { PublishedImage } from "./publish.ts";

/**
 * Refuses an image with a stood-in base for anywhere but this machine. It would not run there as it was tested here:
 * the userland under it was this machine's.
 * @throws FairwayError `STAND_IN_REFUSED`
 */
export function refuseStandIn(
  image: Pick<PublishedImage, "service" | "reference" | "standIn">,
  environment: { readonly name: string; readonly target: unknown; readonly standIns: "allowed" | "refused" },
): void {
  if (image.standIn === null) return;
  const registry = image.reference.slice(0, image.reference.indexOf("/"));
  const stays = environment.target === "local" || environment.standIns === "allowed";
  if (stays && isLoopbackRegistry(registry)) return;
  throw failure(
    `the image of ${image.service} was built without its base ${image.standIn} (this machine's userland stood in for it), and ${environment.name} is no place for that`,
    {
      code: "STAND_IN_REFUSED",
      place: `fairway.yaml environments.${environment.name}`,
      remedy:
        "build it on a real engine, or let the embedded one pull the base from a registry that it reaches:\n" +
        `npx fairway deploy --env ${environment.name} --engine dagger`,
    },
  );
}
