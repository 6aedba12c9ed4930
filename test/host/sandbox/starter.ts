/** Makes a layer by a program that does not end, and tells its parent; to be killed. */
import { readFileSync } from "node:fs";
import { openLayerStore } from "../../../src/host/layers/layers.ts";
import { createSandbox } from "../../../src/host/sandbox/sandbox.ts";

const store = await openLayerStore(process.argv[2]!);
const sandbox = createSandbox({ store });
const standIn = await sandbox.standIn("debian:12");
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
      process.send?.({ processId: running.processId, init: parentOf(running.processId) });
    },
  });
  await running.exited;
});

function parentOf(processId: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${String(processId)}/status`, "utf8"))![1]);
}
