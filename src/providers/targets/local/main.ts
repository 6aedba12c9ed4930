// The supervisor of an environment: started as a daemon by local.ts.
import { openLayerStore } from "../../../host/layers/layers.ts";
import { createSandbox } from "../../../host/sandbox/sandbox.ts";
import { sandboxRunner } from "./sandbox-runner.ts";
import { runSupervisor } from "./supervisor.ts";

const [root = "", environment = "", storeRoot = ""] = process.argv.slice(2);
const store = await openLayerStore(storeRoot);
await runSupervisor({ root, environment, runner: sandboxRunner(createSandbox({ store }), store) });
