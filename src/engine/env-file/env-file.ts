import { EngineError } from "../errors.ts";
import type { EnvFileState, Pair } from "../states.ts";
import { wordsOf } from "./words.ts";

/** The variables of a text as the engine takes them from a file: a line each, the last of a name wins, in the place of the first. */
export function envFileOf(text: string): EnvFileState {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .reduce<EnvFileState>(
      (file, line) => {
        const [name, value] = cut(line);
        return withVariable(file, name, value);
      },
      { lines: [] },
    );
}

export function withVariable({ lines }: EnvFileState, name: string, value: string): EnvFileState {
  const at = lines.findIndex((line) => cut(line)[0] === name);
  return { lines: lines.toSpliced(at === -1 ? lines.length : at, at === -1 ? 0 : 1, `${name}=${value}`) };
}

export function withoutVariable({ lines }: EnvFileState, name: string): EnvFileState {
  return { lines: lines.filter((line) => cut(line)[0] !== name) };
}

export function hasVariable({ lines }: EnvFileState, name: string): boolean {
  return lines.some((line) => cut(line.trim())[0] === name);
}

/** As they are written: neither quotes nor variables are looked at. */
export function rawVariables({ lines }: EnvFileState): readonly Pair[] {
  return lines.map((line) => {
    const [name, value] = cut(line.trim());
    return { name, value };
  });
}

/**
 * Values with quotes taken off and variables put in: those of the file, then those of the session's environment.
 * @throws EngineError for a variable that nobody sets, a circle, and what only a shell could say.
 */
export function variablesOf(
  file: EnvFileState,
  environment: Readonly<Record<string, string | undefined>>,
): readonly Pair[] {
  const entries = new Map(rawVariables(file).map(entryOf));
  const values = new Map<string, string>();
  const open = new Set<string>();
  const valueOf = (name: string): string | undefined => {
    const raw = entries.get(name);
    if (raw === undefined) return environment[name] === "" ? undefined : environment[name];
    const known = values.get(name);
    if (known !== undefined) return known;
    if (open.has(name))
      throw new EngineError(`circular dependency detected: ${[...open, name].join(" -> ")}`);
    open.add(name);
    const value = isPlain(raw) ? raw : wordsOf(raw, valueOf, name);
    open.delete(name);
    values.set(name, value);
    return value;
  };
  return [...entries.keys()].map((name) => ({ name, value: valueOf(name) ?? "" }));
}

/** A comment is a variable of that name, as on the real engine. */
function entryOf({ name, value }: Pair): [string, string] {
  if (name.startsWith("#") && value === "") return [name, ""];
  const match = /^(?:export\s+)?([A-Za-z_]\w*)$/.exec(name);
  if (match?.[1] !== undefined) return [match[1], value];
  throw new EngineError(
    `parse error: ${JSON.stringify(`${name}=...`)}: not a bare assignment (a comment with an = in it has to go)`,
  );
}

/** What has no sign of a shell is taken as it is, spaces and all. */
function isPlain(value: string): boolean {
  return !/[`"'\\]|\$[A-Za-z_{(]/.test(value);
}

function cut(line: string): [string, string] {
  const at = line.indexOf("=");
  return at === -1 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}
