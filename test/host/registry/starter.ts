/** Asks for the registry of the directory in its first argument, prints the answer, and ends. */
import { ensureLoopbackRegistry } from "../../../src/host/registry/registry.ts";

const [stateDirectory = "", idleMinutes = "15"] = process.argv.slice(2);
console.log(
  JSON.stringify(await ensureLoopbackRegistry({ stateDirectory, idleMinutes: Number(idleMinutes) })),
);
