import type { HistoryEntry, ImageConfig, RuntimeConfig } from "../../oci/oci.ts";
import { standInLabel } from "../../oci/oci.ts";
import { withPair, type ContainerState } from "../container/state.ts";
import type { ExposedPort, Healthcheck, Pair } from "../states.ts";
import { durationText, nanoseconds } from "./durations.ts";

const epoch = "1970-01-01T00:00:00Z";

/** The config of the container's image: of its state alone, so that the same state is the same image. */
export function configOf(
  state: ContainerState,
  diffIds: readonly string[],
  standIn: string | null,
): ImageConfig {
  const [os = "linux", architecture = "", variant] = state.platform.split("/");
  return {
    ...{ architecture, os, ...(variant === undefined ? {} : { variant }), created: epoch },
    config: runtimeOf(state, standIn),
    rootfs: { type: "layers", diff_ids: diffIds },
    history: historyOf(state, diffIds.length),
  };
}

function runtimeOf(state: ContainerState, standIn: string | null): RuntimeConfig {
  const labels = [...state.labels, ...(standIn === null ? [] : [{ name: standInLabel, value: standIn }])];
  const ports = state.ports.map(({ port, protocol }) => `${String(port)}/${protocol.toLowerCase()}`);
  return {
    ...(state.user === "" ? {} : { User: state.user }),
    ...(ports.length === 0 ? {} : { ExposedPorts: setOf(ports) }),
    ...(state.env.length === 0 ? {} : { Env: state.env.map(({ name, value }) => `${name}=${value}`) }),
    ...(state.entrypoint.length === 0 ? {} : { Entrypoint: state.entrypoint }),
    ...(state.defaultArgs.length === 0 ? {} : { Cmd: state.defaultArgs }),
    ...(state.volumes.length === 0 ? {} : { Volumes: setOf(state.volumes) }),
    ...(state.workdir === "" ? {} : { WorkingDir: state.workdir }),
    ...(labels.length === 0 ? {} : { Labels: recordOf(labels) }),
    ...(state.healthcheck === null ? {} : { Healthcheck: healthcheckOf(state.healthcheck) }),
    ...(state.stopSignal === null ? {} : { StopSignal: state.stopSignal }),
    ...(state.shell === null ? {} : { Shell: state.shell }),
    ...(state.onbuild.length === 0 ? {} : { OnBuild: state.onbuild }),
  };
}

/** The state with an image's config taken over, as `from` does it. */
export function withConfig(state: ContainerState, config: RuntimeConfig): ContainerState {
  let { env } = state;
  for (const line of config.Env ?? [])
    env = withPair(env, line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1));
  // The label is about the layers, and written anew by publish.
  const labels = Object.entries(config.Labels ?? {}).filter(([name]) => name !== standInLabel);
  const onbuild = (config as { readonly OnBuild?: readonly string[] | null }).OnBuild;
  return {
    ...{ ...state, env, user: config.User ?? "", workdir: config.WorkingDir ?? "" },
    ...{ entrypoint: config.Entrypoint ?? [], defaultArgs: config.Cmd ?? [] },
    ...{
      labels: labels.map(([name, value]) => ({ name, value })),
      ports: Object.keys(config.ExposedPorts ?? {}).map(portOf),
    },
    ...{
      volumes: Object.keys(config.Volumes ?? {}),
      stopSignal: config.StopSignal ?? null,
      shell: config.Shell ?? null,
    },
    ...{ healthcheck: healthcheckFrom(config.Healthcheck), onbuild: onbuild ?? [] },
  };
}

function healthcheckOf({
  args,
  shell,
  interval,
  timeout,
  startPeriod,
  startInterval,
  retries,
}: Healthcheck): NonNullable<RuntimeConfig["Healthcheck"]> {
  const durations = {
    Interval: nanoseconds(interval),
    Timeout: nanoseconds(timeout),
    StartPeriod: nanoseconds(startPeriod),
    StartInterval: nanoseconds(startInterval),
  };
  const given = Object.fromEntries(Object.entries(durations).filter(([, value]) => value !== undefined));
  return {
    Test: [shell ? "CMD-SHELL" : "CMD", ...args],
    ...given,
    ...(retries === 0 ? {} : { Retries: retries }),
  };
}

function healthcheckFrom(config: RuntimeConfig["Healthcheck"]): Healthcheck | null {
  const [kind, ...args] = config?.Test ?? [];
  if (config == null || kind === undefined || kind === "NONE") return null;
  return {
    ...{
      args,
      shell: kind === "CMD-SHELL",
      interval: durationText(config.Interval),
      timeout: durationText(config.Timeout),
    },
    ...{
      startPeriod: durationText(config.StartPeriod),
      startInterval: durationText(config.StartInterval),
      retries: config.Retries ?? 0,
    },
  };
}

/** A line for each layer, and one for what made none; as many with a layer as there are layers. */
function historyOf(state: ContainerState, layers: number): readonly HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  let told = 0;
  for (const { createdBy, layers: after } of state.history) {
    const makes = Math.min(after, layers) > told;
    for (; told + 1 < Math.min(after, layers); told++)
      entries.push({ created: epoch, created_by: "fairway" });
    if (makes) told++;
    entries.push({ created: epoch, created_by: createdBy, ...(makes ? {} : { empty_layer: true }) });
  }
  for (; told < layers; told++) entries.push({ created: epoch, created_by: "fairway" });
  return entries;
}

function portOf(text: string): ExposedPort {
  const [port = "0", protocol = "tcp"] = text.split("/");
  return {
    port: Number(port),
    protocol: protocol === "udp" ? "UDP" : "TCP",
    description: null,
    experimentalSkipHealthcheck: false,
  };
}

function setOf(names: readonly string[]): Record<string, object> {
  return Object.fromEntries(names.toSorted().map((name) => [name, {}]));
}

function recordOf(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map(({ name, value }): [string, string] => [name, value]).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
