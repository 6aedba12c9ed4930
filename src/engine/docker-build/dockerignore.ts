import type { View } from "../../host/layers/layers.ts";
import { absolute } from "../files/paths.ts";

/** The patterns of `<Dockerfile>.dockerignore`, else of the context's `.dockerignore`. */
export async function dockerignored(
  view: View,
  context: string,
  dockerfile: string,
): Promise<readonly string[]> {
  for (const path of [`${dockerfile}.dockerignore`, absolute(".dockerignore", context)]) {
    if ((await view.stat(path))?.type !== "file") continue;
    const lines = (await view.read(path))
      .toString()
      .replace(/^\uFEFF/, "")
      .split(/\r?\n/);
    return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  }
  return [];
}
