// A command that deploys and then waits to be killed.
import { processTarget, release, replaceOperation } from "./fixtures.ts";

const [stateDirectory = "", version = ""] = process.argv.slice(2);
const target = await processTarget(stateDirectory);
const context = {
  fencingToken: 1,
  operationId: version,
  secrets: {},
  signal: new AbortController().signal,
  report: () => undefined,
};
await target.prepare(context, { services: [{ name: "api", port: 3040 }], postgres: null });
process.stdout.write("prepared\n");
for (const index of [0, 1]) await target.apply(replaceOperation(version, index), release(version), context);
process.stdout.write("deployed\n");
setInterval(() => undefined, 1000);
