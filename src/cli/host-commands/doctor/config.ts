import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../../config/config.ts";
import type { Places } from "../../places.ts";

/** The repository's; null where there is none, and for one that is wrong, which is a finding of its own. */
export async function configIn(places: Places): Promise<Config | null> {
  const file = join(places.repository, "fairway.yaml");
  if (!existsSync(file)) return null;
  const { loadConfig } = await import("../../../config/config.ts");
  try {
    return loadConfig(readFileSync(file, "utf8"), "fairway.yaml");
  } catch {
    return null;
  }
}
