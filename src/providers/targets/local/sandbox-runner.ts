import { failure } from "../../../model/errors.ts";
import type { LayerStore, Layer } from "../../../host/layers/layers.ts";
import type { Sandbox } from "../../../host/sandbox/sandbox.ts";
import type { PulledImage } from "./protocol.ts";
import type { ReplicaRunner } from "./runner.ts";

/** What a container runtime sets for an image that sets none. */
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Runs replicas of images: the stand-in of the base, or the image's own base, and the image's layers above it. */
export function sandboxRunner(sandbox: Sandbox, store: LayerStore): ReplicaRunner {
  return {
    open: async (image, report) => {
      const standIn = image.base === null ? null : await sandbox.standIn(image.base);
      const stack = await Promise.all(image.layers.map((key) => layerOf(store, key, image)));
      const { config } = image;
      const given = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
      const command = given.length > 0 ? given : (standIn?.defaultCommand ?? []);
      if (command.length === 0) {
        throw failure(`${image.reference} has neither ENTRYPOINT nor CMD`, { code: "IMAGE_NO_COMMAND" });
      }
      return {
        variables: { PATH: defaultPath, ...standIn?.variables, ...environmentOf(config.Env ?? []) },
        start: async ({ variables, onOutput, cgroup }) => {
          const running = await sandbox.start({
            standIn,
            stack,
            mounts: [],
            command,
            variables,
            workdir: config.WorkingDir === undefined || config.WorkingDir === "" ? "/" : config.WorkingDir,
            user: config.User ?? "",
            hosts: {},
            ...(cgroup === undefined ? {} : { cgroup }),
            onOutput,
            onNote: report,
          });
          const signal = (config.StopSignal ?? "SIGTERM") as NodeJS.Signals;
          return {
            processId: running.processId,
            exited: running.exited,
            stop: (graceMs) => running.stop(graceMs, signal),
          };
        },
      };
    },
  };
}

async function layerOf(store: LayerStore, key: string, image: PulledImage): Promise<Layer> {
  const layer = await store.get(key);
  if (layer !== undefined) return layer;
  throw failure(`a layer of ${image.reference} is not on this machine any more`, {
    code: "IMAGE_LAYER_MISSING",
    remedy: "repeat the command: it pulls the image again",
  });
}

function environmentOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}
