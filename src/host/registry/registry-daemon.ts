/** The process of the loopback registry: `node registry-daemon.ts <idle minutes>`, started by `ensureLoopbackRegistry`. */
import { join } from "node:path";
import { becomeDaemon, freePort, readJsonFile, whenLost, writeJsonFile } from "../processes/processes.ts";
import { startRegistryServer } from "./server.ts";

const daemon = becomeDaemon();
const portFile = join(daemon.stateDirectory, "port.json");
const idleMs = Number(process.argv[2]) * 60_000;
if (!(idleMs > 0)) throw new Error(`idle minutes: ${String(process.argv[2])}`);

const lastPort = (await readJsonFile(portFile).catch(() => undefined)) as
  { readonly port?: number } | undefined;
const server = await startRegistryServer({
  root: daemon.stateDirectory,
  preferredPort: lastPort?.port ?? (await freePort()),
});
await writeJsonFile(portFile, { port: server.port });
await daemon.ready({ address: server.address });

let ending: Promise<void> | undefined;
const end = () => {
  ending ??= server
    .close()
    .then(() => daemon.end())
    .then(() => process.exit(0));
};
process.on("SIGTERM", end);
process.on("SIGINT", end);
whenLost(() => daemon.isReachable(), end);
setInterval(
  () => {
    if (server.idleMs() > idleMs) end();
  },
  Math.min(idleMs / 4, 10_000),
);
