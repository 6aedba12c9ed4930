import { exitCodes, FairwayError } from "../../model/errors.ts";
import type { Registry } from "../../model/registry.ts";
import { serviceRepository } from "./repository-name.ts";
import type { RegistryContext } from "./registries.ts";

/** The small registry on the user's own machine. */
export async function loopbackRegistry(context: RegistryContext): Promise<Registry> {
  if (context.loopbackAddress === undefined)
    throw new FairwayError("the loopback registry cannot be reached from inside the engine", {
      code: "NEEDS_A_HOST",
      exitCode: exitCodes.usage,
      place: "fairway.yaml registry",
      remedy:
        "name one that the engine reaches, or run it on the machine itself:\nregistry: { url: <host>/<path>, username: REGISTRY_USER, password: REGISTRY_TOKEN }",
    });
  const address = await context.loopbackAddress();
  return {
    kind: "loopback",
    address,
    credentialsAt: "nothing: the loopback registry wants no login",
    repository: (service) => serviceRepository(address, context.pipeline, service),
    credentials: () => Promise.resolve(null),
  };
}
