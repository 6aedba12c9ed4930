import { isLoopbackRegistry, parseReference } from "../../oci/oci.ts";
import { hashOf } from "../../model/canonical-json.ts";
import { snapshotOf } from "../container/stand-ins.ts";
import { withPair, type ContainerState } from "../container/state.ts";
import { EngineError } from "../errors.ts";
import { emptyTree } from "../files/tree.ts";
import type { Session } from "../session.ts";
import { refusal } from "../validation.ts";
import { pulled, pulledWhole } from "./pull.ts";

/** The container on the image of this reference. */
export async function fromImage(
  session: Session,
  state: ContainerState,
  address: string,
): Promise<ContainerState> {
  parse(address);
  const fresh = { ...bared(state), image: address, imageRef: `${address}@${hashOf(["stand-in", address])}` };
  return session.execution.image(fresh, address);
}

/** What of a container stays when it gets another image. */
export function bared(state: ContainerState): ContainerState {
  return {
    ...{ ...state, image: null, postgres: null, imageRef: null },
    ...{ user: "", workdir: "", entrypoint: [], defaultArgs: [], labels: [], ports: [], healthcheck: null },
    ...{ stopSignal: null, volumes: [], shell: null, onbuild: [], annotations: [] },
    ...{ lastExec: null, history: [] },
  };
}

/**
 * Where images come from. `pull`: every registry is asked, and an image that cannot be had is an error; `host`: this
 * machine stands in for each; `auto`: those of registries on this machine are pulled, others stood in for.
 */
export type ImageSource = "pull" | "host" | "auto";

/** The image as this machine has it: pulled, or its stand-in. */
export async function hostImage(
  session: Session,
  fresh: ContainerState,
  address: string,
  source: ImageSource,
): Promise<ContainerState> {
  const reference = parse(address);
  if (source === "pull") return pulledWhole(session, fresh, reference, address);
  if (/(^|\/)postgres$/.test(reference.repository)) {
    const port = {
      port: 5432,
      protocol: "TCP",
      description: null,
      experimentalSkipHealthcheck: false,
    } as const;
    return { ...fresh, postgres: address, rootfs: emptyTree, ports: [port] };
  }
  if (source === "auto" && isLoopbackRegistry(reference.registry))
    return pulled(session, fresh, reference, address);
  if (fresh.platform !== session.platform)
    throw new EngineError(refusal(`a stand-in for ${address} of ${fresh.platform} on ${session.platform}`));
  const standIn = await session.standIns.of(address);
  if (reference.digest !== null)
    session.events.note(`${address}: no registry was asked whether it has this digest; it is stood in for`);
  let { env } = fresh;
  for (const [name, value] of Object.entries(standIn.variables)) env = withPair(env, name, value);
  return { ...fresh, rootfs: snapshotOf(standIn), env, defaultArgs: standIn.defaultCommand };
}

function parse(address: string) {
  try {
    return parseReference(address);
  } catch {
    const where =
      'failed to resolve identity inputs for Container.from: resolve implicit input "fromSessionScope"';
    throw new EngineError(
      `${where}: failed to parse image address ${address}: invalid reference format${why(address)}`,
    );
  }
}

/** A first name in capitals, or with a dot or a port, is the registry's. */
function why(address: string): string {
  const [, name = address] = /^(?:[^/]*[A-Z.:][^/]*|localhost)\/(.*)$/s.exec(address) ?? [];
  const [repository = ""] = name.split(":");
  return /[A-Z]/.test(repository) ? `: repository name (${repository}) must be lowercase` : "";
}
