// Starts a server, prints its process id, and waits to be killed.
import { startPostgres } from "../../../src/host/postgres/postgres.ts";

const [dataDirectory = "", cacheDirectory = "", kind = ""] = process.argv.slice(2);
const server = await startPostgres({ dataDirectory, cacheDirectory, template: kind === "template" });
process.stdout.write(`${String(server.processId)}\n`);
setInterval(() => undefined, 1000);
