/** Makes a layer by a program that does not end, and tells its parent; to be killed. */
import { readFileSync } from "node:fs";
import { openLayerStore } from "../../../src/host/layers/layers.ts";
import { createSandbox } from "../../../src/host/sandbox/sandbox.ts";

const store = await openLayerStore(process.argv[2]!);
const sandbox = createSandbox({ store });
const standIn = await sandbox.standIn("debian:12");
const up = Promise.withResolvers<true>();
await store.ensure("never:made", async (draft) => {
  const running = await sandbox.start({
    standIn,
    stack: [],
    upper: draft.path,
    mounts: [],
    command: ["sh", "-c", "echo up; trap '' TERM HUP INT; while :; do sleep 0.1; done"],
    variables: standIn.variables,
    workdir: "/",
    user: "",
    hosts: {},
    onOutput: () => {
      up.resolve(true);
    },
  });
  // It may have printed before it was told to be started.
  await up.promise;
  process.send?.({ processId: running.processId, init: parentOf(running.processId) });
  await running.exited;
});

function parentOf(processId: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${String(processId)}/status`, "utf8"))![1]);
}
