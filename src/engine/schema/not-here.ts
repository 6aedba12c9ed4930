const gpu = "Steps run in this machine's own userland: no device is handed to them.";
const person = "It needs a person at a terminal; a step's own output is shown while it runs.";
const forwarded = "Service.endpoint and Host.tunnel bring a service's ports to the host.";
const socket = "A host's sockets are not shown to steps: give a Secret or a Service.";
const modules = "The module is hosted by the command line, not by the engine.";
const models = "Models, environments of agents and the cloud are no part of a delivery.";
const docker =
  "There is no container runtime that would have images: push to a registry, or export a tarball.";
const registry = "Registries are reached over the network of the host.";
const ssh = "git is spoken over HTTP, and over git:// where the host has git.";
const summary = "Its paths say what changed; diff and merge of several are not made.";

/**
 * What Dagger 0.21 has and the embedded engine has not, with the reason: fields by type, and arguments by `Type.field`.
 * A test holds it against the client. Every `load...FromID` that the schema lacks belongs to it too.
 */
export const notHere: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Container: {
    experimentalWithAllGPUs: gpu,
    experimentalWithGPU: gpu,
    exportImage: docker,
    terminal: person,
    up: forwarded,
    withDefaultTerminalCmd: person,
    withUnixSocket: socket,
    withoutUnixSocket: socket,
  },
  Directory: { asModule: modules, asModuleSource: modules, terminal: person },
  File: {},
  Secret: {},
  Service: { terminal: person, up: forwarded },
  Host: { containerImage: docker, unixSocket: socket },
  Query: {
    id: modules,
    cloud: models,
    currentEnv: models,
    currentFunctionCall: modules,
    currentModule: modules,
    currentTypeDefs: modules,
    currentWorkspace: modules,
    engine: "It is about the engine's own cache: `fairway cache` shows and prunes it.",
    env: models,
    function: modules,
    generatedCode: modules,
    llm: models,
    module: modules,
    moduleSource: modules,
    sourceMap: modules,
    typeDef: modules,
  },
  CacheVolume: {},
  Address: { socket },
  GitRepository: {},
  GitRef: {},
  "Query.git": { sshKnownHosts: ssh, sshAuthSocket: ssh },
  Changeset: { diffStats: summary, withChangeset: summary, withChangesets: summary },
  "Container.from": { registryService: registry },
  "Container.publish": { registryService: registry },
  "Directory.dockerBuild": { ssh: socket },
};

/** Why the embedded engine has not this field, or argument of a field; undefined for what nobody has. */
export function reasonNotHere(of: string, name: string): string | undefined {
  const reasons = notHere[of];
  return reasons !== undefined && Object.hasOwn(reasons, name) ? reasons[name] : undefined;
}
