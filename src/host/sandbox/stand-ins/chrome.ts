import { statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Layer, LayerStore } from "../../layers/layers.ts";
import type { SandboxMount } from "../sandbox.ts";

/** Where its packages put it; /usr/bin/google-chrome, which is seen inside anyway, leads there. */
const place = "/opt/google/chrome";

/** Google Chrome of this machine, shown read-only at its own place, under a key that is another one when it is. */
export async function chromeOf(
  store: LayerStore,
  directory = place,
): Promise<{ readonly layers: readonly Layer[]; readonly mounts: readonly SandboxMount[] }> {
  const program = statSync(join(directory, "chrome"), { throwIfNoEntry: false });
  if (program === undefined) return { layers: [], mounts: [] };
  const key = createHash("sha256")
    .update(JSON.stringify([program.mtimeMs, program.size]))
    .digest("hex")
    .slice(0, 32);
  const layer = await store.ensure(`stand-in:chrome:${key}`, async ({ path }) => {
    await mkdir(join(path, place), { recursive: true });
  });
  return { layers: [layer], mounts: [{ kind: "bind", target: place, source: directory, readOnly: true }] };
}
