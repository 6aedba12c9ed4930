import { snapshotOf } from "../container/stand-ins.ts";
import { withPair, type ContainerState } from "../container/state.ts";
import type { Session } from "../session.ts";
import { hashOf } from "../../model/canonical-json.ts";

/** The container on the image of this reference: pulled from a registry of this machine, else its stand-in. */
export async function fromImage(
  session: Session,
  state: ContainerState,
  address: string,
): Promise<ContainerState> {
  const standIn = await session.standIns.of(address);
  let env = state.env;
  for (const [name, value] of Object.entries(standIn.variables)) env = withPair(env, name, value);
  return {
    ...{
      ...state,
      rootfs: snapshotOf(standIn),
      image: address,
      imageRef: `${address}@${hashOf(["stand-in", address])}`,
      env,
    },
    ...{
      user: "",
      workdir: "",
      entrypoint: [],
      defaultArgs: standIn.defaultCommand,
      labels: [],
      ports: [],
      healthcheck: null,
    },
    ...{
      stopSignal: null,
      volumes: [],
      shell: null,
      onbuild: [],
      annotations: [],
      lastExec: null,
      history: [],
    },
  };
}
