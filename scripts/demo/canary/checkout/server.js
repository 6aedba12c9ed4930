import { createServer } from "node:http";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { behaviour } from "./behaviour.js";

const routes = {
  "GET /health": () => answer(200, "ok"),
  "GET /books": () => (isSound() ? answer(200, "the books balance") : answer(500, "they do not balance")),
  "GET /prices": () => serve(() => answer(200, '[{"sku":"KIT-001","cents":4900}]')),
  "POST /orders": (body) =>
    serve(() => answer(201, JSON.stringify({ lines: JSON.parse(body).lines.length }))),
  "GET /report": () => sleep(2_000).then(() => answer(200, "total,4900")),
};

let firstServedAt = Infinity;

/** What customers ask for takes its time, and fails as often as this release fails. */
async function serve(work) {
  firstServedAt = Math.min(firstServedAt, performance.now());
  await sleep(behaviour.milliseconds * (0.8 + 0.4 * Math.random()));
  return 100 * Math.random() < behaviour.errorPercent ? answer(500, "the till is stuck") : work();
}

function isSound() {
  return performance.now() - firstServedAt < 1_000 * behaviour.soundSeconds;
}

function answer(status, text) {
  return { status, text };
}

const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const route = routes[`${request.method} ${request.url}`] ?? (() => answer(404, "not found"));
  const { status, text } = await route(body);
  response.writeHead(status, { "x-shop-version": process.env.FAIRWAY_VERSION ?? "" }).end(text);
});

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1");
// What is under way is finished.
process.on("SIGTERM", () => server.close(() => process.exit(0)));
