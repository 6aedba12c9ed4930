import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Order } from "./deploying.ts";

const script = fileURLToPath(new URL("deploying.ts", import.meta.url));

/**
 * A deploy in a process of its own; answers the signal that ended it. Whoever else is to kill it reads its id in `processIdFile`.
 */
export async function endOf(order: Order, processIdFile?: string): Promise<string | null> {
  const child = spawn(process.execPath, [script, JSON.stringify(order)], { stdio: "inherit" });
  if (processIdFile !== undefined) writeFileSync(processIdFile, String(child.pid));
  const [, signal] = (await once(child, "exit")) as [number | null, string | null];
  return signal;
}
