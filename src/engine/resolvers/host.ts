import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import type { Json } from "../../model/canonical-json.ts";
import { EngineError } from "../errors.ts";
import { named, type PortForward } from "../services/definition.ts";
import type { Session } from "../session.ts";
import type { ExposedPort } from "../states.ts";
import { refusal } from "../validation.ts";
import type { Value } from "../values.ts";
import type { Given, Resolvers } from "./resolver.ts";

export const host: Resolvers<"Host"> = {
  directory: (_self, given, session) => {
    const selection = {
      ...{ include: given.include as string[], exclude: given.exclude as string[] },
      ...{ gitignore: given.gitignore === true, noCache: given.noCache === true },
    };
    return session.values.of({
      ...{ type: "Directory", operation: "Host.directory", arguments: again(given) },
      make: async () => ({
        contents: await session.host.directory(String(given.path), selection),
        path: "/",
      }),
    });
  },
  findUp: (_self, given, session) => session.host.findUp(String(given.name)),
  service: (_self, given, session) => hostService(session, given),
  tunnel: (_self, given, session) => tunnel(session, given),
  file: (_self, given, session) => {
    const path = String(given.path);
    return session.values.of({
      ...{ type: "File", operation: "Host.file", arguments: again(given) },
      make: async () => {
        const contents = await session.host.file(path, given.noCache === true);
        return { contents, path: `/${basename(path)}`, name: basename(path) };
      },
    });
  },
};

/** Of a forward that the caller wrote; 0 stands for the port that it leaves open. */
function forwards(field: string, given: Given, open: (backend: number) => number): PortForward[] {
  const ports = (given.ports ?? []) as { frontend?: number | null; backend: number; protocol: string }[];
  return ports.map(({ frontend, backend, protocol }) => {
    if (protocol === "UDP") throw new EngineError(refusal(`a UDP port of ${field}`));
    return { backend, frontend: frontend == null || frontend === 0 ? open(backend) : frontend };
  });
}

function hostService(session: Session, given: Given): Value<"Service"> {
  const ports = forwards("Host.service", given, (backend) => backend);
  if (ports.length === 0) throw new EngineError("no ports specified");
  const what = ["host", String(given.host), ports.map((port) => ({ ...port }))];
  const exposed = ports.map(({ frontend }) => tcp(frontend));
  return session.values.of({
    ...{ type: "Service", operation: "Host.service", arguments: what },
    make: () =>
      Promise.resolve({
        ...{ kind: "host", ...named(what), host: String(given.host), forwards: ports, ports: exposed },
      }),
  });
}

function tunnel(session: Session, given: Given): Value<"Service"> {
  const upstream = session.values.load("Service", String(given.service));
  const wanted = forwards("Host.tunnel", given, () => 0);
  return session.values.of({
    ...{ type: "Service", operation: "Host.tunnel", inputs: [upstream as never] },
    arguments: [given.native === true, wanted.map((port) => ({ ...port }))],
    make: async () => {
      const service = await upstream.state();
      if (service.kind !== "program")
        throw new EngineError("tunneling to non-Container services is not supported");
      const all = service.ports.map(({ port }) => port);
      const native = given.native === true ? all.map((port) => ({ frontend: port, backend: port })) : [];
      const some = [...native, ...wanted];
      const ports = some.length > 0 ? some : all.map((backend) => ({ frontend: 0, backend }));
      if (ports.length === 0) throw new EngineError("no ports to forward");
      const what = ["tunnel", service.key, ports.map((port) => ({ ...port }))];
      return { kind: "tunnel", ...named(what), upstream, forwards: ports, ports: [] };
    },
  });
}

function tcp(port: number): ExposedPort {
  return { port, protocol: "TCP", description: null, experimentalSkipHealthcheck: false };
}

/** With `noCache` each asking is another value. */
function again(given: Given): Json {
  const asked = JSON.parse(JSON.stringify(given)) as Record<string, Json>;
  return given.noCache === true ? { ...asked, again: randomUUID() } : asked;
}
