import { createServer } from "node:http";
import { priceOf } from "./prices.js";

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://shop");
  if (pathname === "/health") return response.end("ok");
  const price = priceOf(pathname.slice(1), Number(searchParams.get("count") ?? 1));
  response.writeHead(price === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify({ price: price ?? null }));
});
server.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? "0.0.0.0");
process.on("SIGTERM", () => server.close(() => process.exit(0)));
