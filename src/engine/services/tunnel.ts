import { all } from "../all.ts";
import type { Session } from "../session.ts";
import { answers } from "./addresses.ts";
import type { PortForward, TunnelDefinition } from "./definition.ts";
import { forward, type Forwarder } from "./forwarder.ts";
import type { RunningService } from "./running.ts";

const here = "127.0.0.1";

/** A service's ports on loopback; the service runs at least as long as its tunnel. */
export async function startTunnel(session: Session, definition: TunnelDefinition): Promise<RunningService> {
  const { upstream, forwards } = definition;
  const { hostname } = await upstream.state();
  const held = await session.services.hold([{ alias: hostname, service: upstream }], []);
  const forwarders: Forwarder[] = [];
  const end = async () => {
    await all(forwarders.map((forwarder) => forwarder.close()));
    held.release();
  };
  try {
    const address = held.hosts[hostname] ?? here;
    const ports: number[] = [];
    for (const each of forwards) {
      const isThere = await isNative(upstream, each);
      const forwarder = isThere
        ? undefined
        : await forward({ host: here, port: each.frontend }, { host: address, port: each.backend });
      if (forwarder !== undefined) forwarders.push(forwarder);
      ports.push(forwarder?.port ?? each.frontend);
    }
    const ended = Promise.withResolvers<undefined>();
    return {
      address: here,
      ports: ports.map((port) => ({
        ...{ port, protocol: "TCP" as const, description: null, experimentalSkipHealthcheck: false },
      })),
      ended: ended.promise,
      stop: async () => {
        await end();
        ended.resolve(undefined);
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A program listens on all addresses of this machine, as a rule: its own port is here already. */
async function isNative(upstream: TunnelDefinition["upstream"], port: PortForward): Promise<boolean> {
  const service = await upstream.state();
  if (port.frontend !== port.backend || service.kind !== "program" || service.container.postgres !== null)
    return false;
  return answers(here, port.frontend);
}
