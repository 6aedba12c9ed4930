import type { Toolchain } from "./toolchain.ts";

/** What was detected, in one line: `pnpm 10.34.9 (package.json, pnpm-lock.yaml, turbo.json), turborepo, workspaces apps/*`. */
export function toolchainText(toolchain: Toolchain): string {
  const { manager, version, runner, workspaces, linker, readFrom } = toolchain;
  return [
    `${manager} ${version ?? "of the image"} (${readFrom.join(", ")})`,
    ...(runner === null ? [] : [runner]),
    ...(workspaces.length === 0 ? [] : [`workspaces ${workspaces.join(" ")}`]),
    ...(linker === "pnp" ? ["packages as archives (PnP)"] : []),
    ...(manager === "cargo" ? [`tasks ${Object.keys(toolchain.tasks).join(", ")}`] : []),
  ].join(", ");
}
