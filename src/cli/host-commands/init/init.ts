import type { HostCommandCall } from "../../commands/invocation.ts";
import type { HostCommandContext } from "../host-commands.ts";

export async function init(_call: HostCommandCall, _context: HostCommandContext): Promise<number> {
  return Promise.reject(new Error("being written"));
}
