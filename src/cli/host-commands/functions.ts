import type { HostCommandCall } from "../commands/invocation.ts";
import { functionTable, plainStyle } from "../commands/help.ts";
import { kebabCase } from "../commands/words.ts";
import { mainObject } from "../module/manifest.ts";
import type { HostCommandContext } from "./host-commands.ts";

/** Two columns, as `dagger functions` prints them. */
export async function listFunctions(
  call: HostCommandCall,
  { module, terminal }: HostCommandContext,
): Promise<number> {
  const { manifest } = await module();
  if (call.options.json) {
    const list = mainObject(manifest).functions.map(({ name, description }) => ({
      name: kebabCase(name),
      description,
    }));
    terminal.out(`${JSON.stringify(list, null, 2)}\n`);
  } else {
    const { bold: heading, cyan: name, faint } = terminal.outColours;
    terminal.out(functionTable({ manifest, style: { ...plainStyle, heading, name, faint } }));
  }
  return 0;
}
