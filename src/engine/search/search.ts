import type { View } from "../../host/layers/layers.ts";
import { EngineError } from "../errors.ts";
import { absolute } from "../files/paths.ts";
import type { Found } from "../states.ts";
import { refusal } from "../validation.ts";
import { expressionOf, spansLines, type SearchForm } from "./expression.ts";
import { globsOf } from "./globs.ts";
import { foundIn } from "./matches.ts";
import { SearchThread, type SearchLimits } from "./thread.ts";

export interface SearchOptions extends SearchForm {
  readonly paths: readonly string[];
  readonly globs: readonly string[];
  readonly skipIgnored: boolean;
  readonly skipHidden: boolean;
  readonly filesOnly: boolean;
  readonly limit?: number | null;
}

/** What ripgrep finds below a folder: files sorted by path, links not followed, what is binary left out. */
export async function searchFolder(
  view: View,
  folder: string,
  options: SearchOptions,
  limits?: SearchLimits,
): Promise<readonly Found[]> {
  await using search = searchOf(options, limits);
  const takes = globsOf(options.globs);
  const found: Found[] = [];
  for await (const { path, named } of filesBelow(view, folder, options)) {
    if (!named && !takes(path)) continue;
    found.push(...(await search.in(path, await view.read(absolute(path, folder)), named)));
    if (isEnough(found, options)) break;
  }
  return limited(found, options);
}

/** What it finds in one file. */
export async function searchFile(
  name: string,
  bytes: Buffer,
  options: SearchOptions,
  limits?: SearchLimits,
): Promise<readonly Found[]> {
  if (options.paths.length + options.globs.length > 0)
    throw new EngineError(refusal("File.search(paths:) and File.search(globs:)"));
  await using search = searchOf(options, limits);
  return limited(await search.in(name, bytes, true), options);
}

interface Search extends AsyncDisposable {
  in(path: string, bytes: Buffer, named: boolean): Promise<readonly Found[]>;
}

function searchOf(options: SearchOptions, limits: SearchLimits | undefined): Search {
  if (options.skipIgnored) throw new EngineError(refusal("search(skipIgnored: true)"));
  const expression = expressionOf(options);
  const byLines = !options.multiline || !spansLines(options);
  if (!options.multiline && /\n/.test(options.pattern))
    throw new EngineError('ripgrep error: the literal "\\n" is not allowed in a regex\n');
  // A plain text is found in no time.
  const thread = options.literal ? undefined : new SearchThread(limits);
  return {
    in: async (path, bytes, named) => {
      if (bytes.includes(0)) {
        if (named) throw new EngineError(refusal(`a search in ${path}, which is binary,`));
        return [];
      }
      const found =
        thread === undefined
          ? foundIn(path, bytes, expression, byLines)
          : await thread.look({ path, bytes, expression, byLines });
      if (!options.filesOnly || found.length === 0) return found;
      return [{ filePath: path, lineNumber: 0, absoluteOffset: 0, matchedLines: "", submatches: [] }];
    },
    [Symbol.asyncDispose]: async () => thread?.[Symbol.asyncDispose](),
  };
}

/** Files below the folder, or below each of `paths`; one that is named there is taken whatever the globs say. */
async function* filesBelow(
  view: View,
  folder: string,
  { paths, skipHidden }: SearchOptions,
): AsyncIterable<{ readonly path: string; readonly named: boolean }> {
  for (const start of paths.length === 0 ? [""] : paths) {
    const below = absolute(start).slice(1);
    if (start.split("/").includes("..")) throw new EngineError(`path cannot escape directory: ${start}`);
    const entry = await view.stat(absolute(below, folder));
    if (entry === undefined)
      throw new EngineError(`ripgrep error: rg: ${below}: No such file or directory (os error 2)\n`);
    if (entry.type === "file") yield { path: below, named: true };
    if (entry.type !== "directory") continue;
    for await (const item of view.walk(absolute(below, folder))) {
      if (item.entry.type !== "file" || (skipHidden && /(^|\/)\./.test(item.path))) continue;
      yield { path: below === "" ? item.path : `${below}/${item.path}`, named: false };
    }
  }
}

function isEnough(found: readonly Found[], { limit, filesOnly }: SearchOptions): boolean {
  return !filesOnly && limit != null && found.length >= limit;
}

/** The engine counts results, of which a list of files has none. */
function limited(found: readonly Found[], { limit, filesOnly }: SearchOptions): readonly Found[] {
  return filesOnly || limit == null ? found : found.slice(0, Math.max(1, limit));
}
