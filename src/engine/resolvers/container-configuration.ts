import { expand } from "../container/expand.ts";
import { valueOf, withoutPair, withPair, type ContainerState } from "../container/state.ts";
import { variablesOf } from "../env-file/env-file.ts";
import { absolute } from "../files/paths.ts";
import { changes, reads } from "./container-fields.ts";
import { plain, type Given, type Resolvers } from "./resolver.ts";

/** What a container is told: variables, user, command, labels, ports, bindings. */
export const configuration: Resolvers<"Container"> = {
  platform: reads((state) => state.platform),
  user: reads((state) => state.user),
  withUser: changes("withUser", (state, given) => ({ ...state, user: String(given.name) })),
  withoutUser: changes("withoutUser", (state) => ({ ...state, user: "" })),
  workdir: reads((state) => state.workdir),
  withWorkdir: changes("withWorkdir", (state, given) => ({ ...state, workdir: workdirOf(state, given) })),
  withoutWorkdir: changes("withoutWorkdir", (state) => ({ ...state, workdir: "" })),

  envVariable: reads((state, given) => valueOf(state.env, String(given.name)) ?? null),
  envVariables: reads((state, _given, session) =>
    state.env.map((pair) => plain(session, "EnvVariable", pair)),
  ),
  withEnvVariable: changes("withEnvVariable", (state, given) => {
    const value = given.expand === true ? expand(state, String(given.value)) : String(given.value);
    return { ...state, env: withPair(state.env, String(given.name), value) };
  }),
  withoutEnvVariable: changes("withoutEnvVariable", (state, given) => ({
    ...state,
    env: withoutPair(state.env, String(given.name)),
  })),
  withEnvFileVariables: changes("withEnvFileVariables", async (state, given, session) => {
    const file = await session.values.load("EnvFile", String(given.source)).state();
    const pairs = variablesOf(file, session.options.variables);
    return { ...state, env: pairs.reduce((env, { name, value }) => withPair(env, name, value), state.env) };
  }),
  withVolatileVariable: changes("withVolatileVariable", (state, given) => ({
    ...state,
    volatileEnv: withPair(state.volatileEnv, String(given.name), String(given.value)),
  })),
  withoutVolatileVariable: changes("withoutVolatileVariable", (state, given) => ({
    ...state,
    volatileEnv: withoutPair(state.volatileEnv, String(given.name)),
  })),
  withSecretVariable: changes("withSecretVariable", (state, given, session) => {
    const secret = session.values.load("Secret", String(given.secret));
    const others = state.secretEnv.filter((variable) => variable.name !== given.name);
    return { ...state, secretEnv: [...others, { name: String(given.name), secret }] };
  }),
  withoutSecretVariable: changes("withoutSecretVariable", (state, given) => ({
    ...state,
    secretEnv: state.secretEnv.filter((variable) => variable.name !== given.name),
  })),

  entrypoint: reads((state) => state.entrypoint),
  withEntrypoint: changes("withEntrypoint", (state, given) => ({
    ...state,
    entrypoint: given.args as string[],
    defaultArgs: given.keepDefaultArgs === true ? state.defaultArgs : [],
  })),
  withoutEntrypoint: changes("withoutEntrypoint", (state, given) => ({
    ...state,
    entrypoint: [],
    defaultArgs: given.keepDefaultArgs === true ? state.defaultArgs : [],
  })),
  defaultArgs: reads((state) => state.defaultArgs),
  withDefaultArgs: changes("withDefaultArgs", (state, given) => ({
    ...state,
    defaultArgs: given.args as string[],
  })),
  withoutDefaultArgs: changes("withoutDefaultArgs", (state) => ({ ...state, defaultArgs: [] })),

  label: reads((state, given) => valueOf(state.labels, String(given.name)) ?? null),
  labels: reads((state, _given, session) => state.labels.map((pair) => plain(session, "Label", pair))),
  withLabel: changes("withLabel", (state, given) => ({
    ...state,
    labels: withPair(state.labels, String(given.name), String(given.value)),
  })),
  withoutLabel: changes("withoutLabel", (state, given) => ({
    ...state,
    labels: withoutPair(state.labels, String(given.name)),
  })),
  withAnnotation: changes("withAnnotation", (state, given) => ({
    ...state,
    annotations: withPair(state.annotations, String(given.name), String(given.value)),
  })),
  withoutAnnotation: changes("withoutAnnotation", (state, given) => ({
    ...state,
    annotations: withoutPair(state.annotations, String(given.name)),
  })),

  exposedPorts: reads((state, _given, session) => state.ports.map((port) => plain(session, "Port", port))),
  withExposedPort: changes("withExposedPort", (state, given) => {
    const port = { port: Number(given.port), protocol: given.protocol as "TCP" | "UDP" };
    const more = {
      description: (given.description as string | undefined) ?? null,
      experimentalSkipHealthcheck: given.experimentalSkipHealthcheck === true,
    };
    const others = state.ports.filter(
      (other) => other.port !== port.port || other.protocol !== port.protocol,
    );
    const at = state.ports.findIndex((other) => other.port === port.port && other.protocol === port.protocol);
    return { ...state, ports: others.toSpliced(at === -1 ? others.length : at, 0, { ...port, ...more }) };
  }),
  withoutExposedPort: changes("withoutExposedPort", (state, given) => ({
    ...state,
    ports: state.ports.filter((other) => other.port !== given.port || other.protocol !== given.protocol),
  })),

  dockerHealthcheck: reads((state, _given, session) =>
    state.healthcheck === null ? null : plain(session, "HealthcheckConfig", state.healthcheck),
  ),
  withDockerHealthcheck: changes("withDockerHealthcheck", (state, given) => ({
    ...state,
    healthcheck: {
      ...{
        args: given.args as string[],
        shell: given.shell === true,
        interval: String(given.interval),
        timeout: String(given.timeout),
      },
      ...{
        startPeriod: String(given.startPeriod),
        startInterval: String(given.startInterval),
        retries: Number(given.retries),
      },
    },
  })),
  withoutDockerHealthcheck: changes("withoutDockerHealthcheck", (state) => ({ ...state, healthcheck: null })),

  withRegistryAuth: changes("withRegistryAuth", (state, given, session) => {
    const secret = session.values.load("Secret", String(given.secret));
    const auth = { address: String(given.address), username: String(given.username), secret };
    return {
      ...state,
      registryAuth: [...state.registryAuth.filter((other) => other.address !== auth.address), auth],
    };
  }),
  withoutRegistryAuth: changes("withoutRegistryAuth", (state, given) => ({
    ...state,
    registryAuth: state.registryAuth.filter((other) => other.address !== given.address),
  })),
  withServiceBinding: changes("withServiceBinding", (state, given, session) => {
    const binding = {
      alias: String(given.alias),
      service: session.values.load("Service", String(given.service)),
    };
    return {
      ...state,
      bindings: [...state.bindings.filter((other) => other.alias !== binding.alias), binding],
    };
  }),
};

function workdirOf(state: ContainerState, given: Given): string {
  const path = given.expand === true ? expand(state, String(given.path)) : String(given.path);
  return absolute(path, state.workdir || "/");
}
