import { readdir, readFile } from "node:fs/promises";
import { usageError } from "../../model/errors.ts";
import { extname, join, relative, sep } from "node:path";

/** The parts of dagger.json that are read here. */
export interface ModuleSettings {
  readonly name: string;
  /** Where the module's package.json and src are, relative to dagger.json. */
  readonly source: string;
  /** Patterns; one that starts with `!` leaves paths out. */
  readonly include: readonly string[];
  /** True where answers of functions without a policy are kept for a session only. */
  readonly disableDefaultFunctionCaching: boolean;
}

/** Throws a FairwayError for a module that is not in TypeScript; `place` is the file's name for people. */
export async function readModuleSettings(file: string, place: string = file): Promise<ModuleSettings> {
  const {
    name,
    source,
    include,
    sdk,
    disableDefaultFunctionCaching = false,
  } = parse(await readFile(file, "utf8"), place);
  const language = typeof sdk === "string" ? sdk : sdk?.source;
  if (language === undefined || !language.startsWith("typescript")) {
    throw usageError(
      `the module is written in ${language ?? "nothing"}; fairway calls modules in TypeScript`,
      {
        code: "MODULE_LANGUAGE",
        place,
        remedy: "call it with dagger itself: dagger call --help",
      },
    );
  }
  return { name: name ?? "", source: source ?? ".", include: include ?? [], disableDefaultFunctionCaching };
}

function parse(text: string, place: string) {
  try {
    return JSON.parse(text) as Partial<ModuleSettings> & { sdk?: string | { source?: string } };
  } catch (error) {
    throw usageError(`not JSON: ${(error as Error).message}`, { code: "MODULE_SETTINGS", place });
  }
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
