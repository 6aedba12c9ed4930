import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";

/** The parts of dagger.json that are read here. */
export interface ModuleSettings {
  readonly name: string;
  /** Where the module's package.json and src are, relative to dagger.json. */
  readonly source: string;
  /** Patterns; one that starts with `!` leaves paths out. */
  readonly include: readonly string[];
}

export async function readModuleSettings(file: string): Promise<ModuleSettings> {
  const settings = JSON.parse(await readFile(file, "utf8")) as Partial<ModuleSettings>;
  return { name: settings.name ?? "", source: settings.source ?? ".", include: settings.include ?? [] };
}

/**
 * Every TypeScript file that the engine imports at each call: all below src, except what dagger.json leaves out.
 * Absolute paths, sorted.
 */
export async function moduleSourceFiles(root: string, settings: ModuleSettings): Promise<readonly string[]> {
  const leftOut = settings.include
    .filter((pattern) => pattern.startsWith("!"))
    .map((pattern) => matcher(pattern.slice(1)));
  const found: string[] = [];
  const visit = async (directory: string): Promise<void> => {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      const name = relative(root, path).split(sep).join("/");
      if (entry.name === "node_modules" || leftOut.some((matches) => matches(name))) continue;
      if (entry.isDirectory()) await visit(path);
      else if ([".ts", ".mts"].includes(extname(entry.name))) found.push(path);
    }
  };
  await visit(join(root, settings.source, "src"));
  return found.sort();
}

/** `src/engine` matches itself and all below it; `*` within a name, `**` across directories. */
function matcher(pattern: string): (path: string) => boolean {
  const expression = pattern
    .replace(/^\.?\//, "")
    .replace(/\/(\*\*)?$/, "")
    .split("/")
    .map((part) =>
      part === "**"
        ? "**"
        : part
            .replace(/[.+^${}()|[\]\\]/g, "\\$&")
            .replace(/\*/g, "[^/]*")
            .replace(/\?/g, "[^/]"),
    )
    .join("/")
    .replaceAll("**/", "(?:.*/)?");
  const compiled = new RegExp(`^${expression}(?:/|$)`);
  return (path) => compiled.test(path);
}
