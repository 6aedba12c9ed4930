// A small service, told by its environment how to behave.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { writeFileSync } from "node:fs";

const { PORT, HOST, FAIRWAY_VERSION, BEHAVIOUR = "", MARKER = "", SOUND_MS = "Infinity" } = process.env;
const startedAt = performance.now();
if (MARKER !== "") writeFileSync(MARKER, JSON.stringify(process.env));
console.log(`version ${FAIRWAY_VERSION} starts as ${process.pid}`);
if (BEHAVIOUR === "exits") {
  console.error("cannot read the configuration");
  process.exit(3);
}
if (BEHAVIOUR === "leaks") {
  const secret = process.env["SESSION_SECRET"] ?? "";
  process.stdout.write(`the secret is ${secret.slice(0, 5)}`);
  await new Promise((resolve) => setTimeout(resolve, 30));
  process.stdout.write(`${secret.slice(5)}, in base64 ${Buffer.from(secret).toString("base64")}\n`);
  process.exit(4);
}
let ready = BEHAVIOUR !== "never-ready";
let alive = true;
const server = createServer((request, response) => void answer(request, response));

async function answer(request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? "/", "http://app");
  if (url.pathname === "/ready")
    return response.writeHead(ready ? 200 : 503).end(ready ? "ready" : "the database does not answer");
  if (url.pathname === "/live") return void response.writeHead(alive ? 200 : 500).end();
  if (url.pathname === "/become-unready") ready = false;
  if (url.pathname === "/become-ready") ready = true;
  if (url.pathname === "/hang") alive = false;
  // Asks another service, as one that needs it does.
  if (url.pathname === "/through")
    return void response.end(String((await fetch(process.env.UPSTREAM ?? "")).status));
  if (url.pathname === "/slow")
    await new Promise((resolve) => setTimeout(resolve, Number(url.searchParams.get("ms") ?? 2000)));
  let bytes = 0;
  for await (const chunk of request) bytes += (chunk as Buffer).length;
  if (performance.now() - startedAt > Number(SOUND_MS)) response.statusCode = 500;
  response.setHeader("content-type", "application/json");
  response.end(
    JSON.stringify({
      version: FAIRWAY_VERSION,
      pid: process.pid,
      bytes,
      forwarded: request.headers["x-forwarded-for"],
      greeting: process.env.GREETING,
    }),
  );
}

server.listen(BEHAVIOUR === "elsewhere" ? 0 : Number(PORT), HOST, () => console.log("listening"));
process.on("SIGTERM", () => {
  console.log("ending");
  server.close(() => process.exit(0));
});
