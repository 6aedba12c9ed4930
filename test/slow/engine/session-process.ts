/** A session with a step that holds a secret and does not end, told to the parent; to be killed. */
import { openLayerStore } from "../../../src/host/layers/layers.ts";
import { createSandbox } from "../../../src/host/sandbox/sandbox.ts";
import { sandboxExecutor, startEngine } from "../../../src/engine/engine.ts";
import { connectedTo } from "../../../src/testing/engine/connected.ts";

const [root = "", marker = ""] = process.argv.slice(2);
const store = await openLayerStore(root);
const session = await startEngine({
  executor: sandboxExecutor({ store, sandbox: createSandbox({ store }) }),
  ...{ workdir: root, variables: {} },
  onEvent: (event) => {
    if (event.type === "output" && event.text.includes("up")) process.send?.("up");
  },
});
await connectedTo(session, (dag) =>
  dag
    .container()
    .from("debian:bookworm-slim")
    .withMountedSecret("/run/key", dag.setSecret("key", "a secret of the killed session"))
    .withMountedTemp("/temporary")
    .withExec([
      ...["sh", "-c"],
      `trap '' TERM HUP; setsid sh -c 'sleep ${marker}' & echo x >/made; echo up; sleep ${marker}; sleep ${marker}`,
    ])
    .sync(),
);
