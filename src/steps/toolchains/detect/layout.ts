import { parse } from "yaml";
import { usageError } from "../../../model/errors.ts";
import type { NodeManager, RootFiles, Toolchain } from "../toolchain.ts";
import type { Manifest } from "./manifest.ts";

/** Globs of the folders of packages, as the manager reads them. */
export function workspacesOf(
  manager: NodeManager,
  { workspaces }: Manifest,
  texts: RootFiles["texts"],
): readonly string[] {
  if (manager === "pnpm") return texted(settingsIn("pnpm-workspace.yaml", texts)["packages"]);
  const list = Array.isArray(workspaces)
    ? workspaces
    : (workspaces as { packages?: unknown } | null)?.packages;
  return texted(list);
}

/** Turborepo's are written `//#lint`; pnpm takes the root along where it is told so. */
export function rootTasksIn(texts: RootFiles["texts"]): readonly string[] {
  if (settingsIn("pnpm-workspace.yaml", texts)["includeWorkspaceRoot"] === true) return ["*"];
  const turbo = `${texts["turbo.json"] ?? ""}${texts["turbo.jsonc"] ?? ""}`;
  return [...turbo.matchAll(/"\/\/#([^"]+)"/g)].map(([, task = ""]) => task);
}

/** Yarn links packages as archives (`pnp`) unless it is told otherwise; yarn 1 never does. */
export function linkerIn(
  manager: NodeManager,
  version: string | null,
  texts: RootFiles["texts"],
): Toolchain["linker"] {
  if (manager !== "yarn" || version?.startsWith("1.") === true) return "node-modules";
  const linker = settingsIn(".yarnrc.yml", texts)["nodeLinker"] ?? "pnp";
  if (linker === "pnp") return "pnp";
  if (linker === "node-modules" || linker === "pnpm") return "node-modules";
  throw usageError(`yarn has no nodeLinker ${JSON.stringify(linker)}`, {
    code: "TOOLCHAIN_UNSUPPORTED",
    place: ".yarnrc.yml nodeLinker",
    remedy: "It is node-modules, pnp or pnpm.",
  });
}

function settingsIn(file: string, texts: RootFiles["texts"]): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = parse(texts[file] ?? "");
    return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
  } catch (cause) {
    throw usageError(`${file} is not YAML: ${(cause as Error).message.split("\n")[0] ?? ""}`, {
      code: "TOOLCHAIN_UNREADABLE",
      place: file,
      cause,
    });
  }
}

function texted(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
