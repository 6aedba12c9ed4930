import { openLayerStore } from "../../../src/host/layers/layers.ts";
import { createSandbox } from "../../../src/host/sandbox/sandbox.ts";

const store = await openLayerStore(process.argv[2]!);
console.log(JSON.stringify(await createSandbox({ store }).support()));
