import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Once for all tests: dist is what the sources say. Fast when nothing changed. */
export default function setup(): void {
  const root = join(import.meta.dirname, "../..");
  const { status } = spawnSync(process.execPath, ["scripts/build.ts"], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error("the build failed: npm run build");
}
