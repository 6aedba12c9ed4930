import { EngineError } from "../errors.ts";
import type { Session } from "../session.ts";
import type { ServiceDefinition } from "../services/definition.ts";
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
  hostname: reads((state) => state.hostname),
  withHostname: (self, given, session) =>
    derived(session, self, "Service", "withHostname", given, (state) => ({
      ...state,
      hostname: String(given.hostname),
    })),
  ports: reads((state, _given, session) => state.ports.map((port) => plain(session, "Port", port))),
  endpoint: reads((state, given) => {
    const port = (given.port as number | null | undefined) ?? state.ports[0]?.port;
    if (port === undefined) throw new EngineError("no ports exposed");
    const scheme = String(given.scheme);
    return `${scheme === "" ? "" : `${scheme}://`}${state.hostname}:${String(port)}`;
  }),
};
