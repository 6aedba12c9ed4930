import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { usageError } from "../../model/errors.ts";
import type { Places } from "../places.ts";
import { kebabCase } from "../commands/words.ts";

interface Toolchain {
  readonly name: string;
  readonly source: string;
}

/** Words without the toolchain's name, and where its module is: `stock`, or a directory for `-m`. */
export interface ToolchainCall {
  readonly words: readonly string[];
  readonly module: "stock" | { readonly directory: string };
}

/**
 * `fairway call <toolchain> <function>` and `fairway functions <toolchain>`, for the toolchains in the repository's
 * dagger.json; undefined where the words name none. @throws FairwayError TOOLCHAIN_REMOTE (exit 2)
 */
export async function toolchainCall(
  words: readonly string[],
  places: Places,
): Promise<ToolchainCall | undefined> {
  const command = words.findIndex((word) => !word.startsWith("-"));
  if (!["call", "functions"].includes(words[command] ?? "")) return undefined;
  const at = words.findIndex((word, index) => index > command && !word.startsWith("-"));
  const file = join(places.repository, "dagger.json");
  if (at < 0 || !existsSync(file)) return undefined;
  const found = (await toolchainsOf(file)).find(({ name }) => kebabCase(name) === words[at]);
  if (found === undefined) return undefined;
  const left = words.filter((_, index) => index !== at);
  const directory = resolve(places.repository, found.source);
  if (await isFairway(found, directory, places)) return { words: left, module: "stock" };
  if (existsSync(join(directory, "dagger.json"))) return { words: left, module: { directory } };
  throw usageError(`the toolchain ${found.name} is at ${found.source}, which is no directory here`, {
    code: "TOOLCHAIN_REMOTE",
    place: "dagger.json",
    remedy: `fairway calls toolchains of local paths, and itself; others with: dagger call ${found.name} --help`,
  });
}

async function toolchainsOf(file: string): Promise<readonly Toolchain[]> {
  try {
    const { toolchains } = JSON.parse(await readFile(file, "utf8")) as { toolchains?: readonly Toolchain[] };
    return (toolchains ?? []).filter(
      ({ name, source }) => typeof name === "string" && typeof source === "string",
    );
  } catch (error) {
    throw usageError(`not JSON: ${(error as Error).message}`, { code: "MODULE_SETTINGS", place: file });
  }
}

/** This package, wherever the toolchain says it is: a copy, a clone or a repository of that name. */
async function isFairway({ source }: Toolchain, directory: string, places: Places): Promise<boolean> {
  if (directory === places.package) return true;
  const manifest = await readFile(join(directory, "package.json"), "utf8").catch(() => undefined);
  if (manifest !== undefined) return /"name":\s*"@fairway\/sdk"/.test(manifest);
  return (
    !source.startsWith(".") && basename(source.replace(/@[^/@]*$/, "").replace(/\.git$/, "")) === "fairway"
  );
}
