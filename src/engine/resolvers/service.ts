import { EngineError } from "../errors.ts";
import type { Session } from "../session.ts";
import type { ServiceDefinition } from "../services/definition.ts";
import type { ExposedPort } from "../states.ts";
import { derived, plain, type Given, type Resolver, type Resolvers } from "./resolver.ts";

function reads(
  read: (service: ServiceDefinition, given: Given, session: Session) => unknown,
): Resolver<"Service"> {
  return async (self, given, session) => read(await self.state(), given, session);
}

export const service: Resolvers<"Service"> = {
  sync: async (self) => {
    await self.state();
    return self.id;
  },
  start: async (self, _given, session) => {
    await session.services.start(await self.state());
    return self.id;
  },
  stop: async (self, given, session) => {
    await session.services.stop((await self.state()).key, given.kill === true);
    return self.id;
  },
  hostname: reads((state, _given, session) =>
    state.kind === "tunnel" ? addressOf(session, state).hostname : state.hostname,
  ),
  withHostname: (self, given, session) =>
    derived(session, self, "Service", "withHostname", given, (state) => ({
      ...state,
      hostname: String(given.hostname),
    })),
  ports: reads((state, _given, session) =>
    addressOf(session, state).ports.map((port) => plain(session, "Port", port)),
  ),
  endpoint: reads((state, given, session) => {
    const { hostname, ports } = addressOf(session, state);
    const port = (given.port as number | null | undefined) ?? ports[0]?.port;
    if (port === undefined) throw new EngineError("no ports exposed");
    const scheme = String(given.scheme);
    return `${scheme === "" ? "" : `${scheme}://`}${hostname}:${String(port)}`;
  }),
};

/** Where it is asked; a tunnel and ports of the host have that while they run. */
function addressOf(
  session: Session,
  state: ServiceDefinition,
): { readonly hostname: string; readonly ports: readonly ExposedPort[] } {
  if (state.kind === "program") return state;
  const running = session.services.running(state.key);
  if (running === undefined)
    throw new EngineError(`failed to get service ports: service ${state.hostname} is not running`);
  return {
    hostname: state.kind === "tunnel" ? running.address : state.hostname,
    ports: running.ports ?? state.ports,
  };
}
