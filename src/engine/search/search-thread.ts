/** A thread that looks for expressions in the bytes that it is sent: see thread.ts. */
import { parentPort } from "node:worker_threads";
import { foundIn } from "./matches.ts";
import type { Look } from "./thread.ts";

parentPort?.on("message", ({ path, bytes, expression, byLines }: Look) => {
  parentPort?.postMessage(foundIn(path, Buffer.from(bytes), expression, byLines));
});
