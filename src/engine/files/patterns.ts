import { posix } from "node:path";
import { EngineError } from "../errors.ts";

/** Which paths are taken: those that `include` names (all when it names none) and `exclude` does not. */
export interface Selection {
  readonly include?: readonly string[] | null | undefined;
  readonly exclude?: readonly string[] | null | undefined;
}

export interface Selector {
  /** True when this path (relative, without a slash at its end) itself is selected. */
  selects(path: string): boolean;
  /** False when nothing below this folder can be selected: it need not be read. */
  mayHold(folder: string): boolean;
}

/** Docker's rules: anchored, `*` within a name, `**` across names, a folder stands for what is below it, `!` takes back. */
export function selector(selection: Selection): Selector {
  const include = compile(selection.include ?? [], "includepatterns");
  const exclude = compile(selection.exclude ?? [], "excludepatterns");
  const excludeTakesBack = exclude.some((rule) => rule.takesBack);
  const included = (path: string) => include.length === 0 || matches(include, path);
  const excluded = (path: string) => exclude.length > 0 && matches(exclude, path);
  return {
    selects: (path) => included(path) && !excluded(path),
    mayHold: (folder) => {
      if (excluded(folder) && !excludeTakesBack) return false;
      return (
        include.length === 0 ||
        matches(include, folder) ||
        include.some((rule) => mayMatchBelow(rule.pattern, folder))
      );
    },
  };
}

/** Matches whole paths, as Directory.glob does. */
export function globber(pattern: string): (path: string) => boolean {
  if (pattern === "") throw new EngineError("failed to create glob pattern matcher: empty pattern");
  const expression = toExpression(pattern);
  if (expression === undefined)
    throw new EngineError("failed to create glob pattern matcher: syntax error in pattern");
  return (path) => expression.test(path);
}

export function isPattern(path: string): boolean {
  return /[*?[]/.test(path);
}

interface Rule {
  readonly takesBack: boolean;
  readonly pattern: string;
  readonly expression: RegExp;
}

function compile(patterns: readonly string[], kind: string): readonly Rule[] {
  return patterns.flatMap((text) => {
    const takesBack = text.trim().startsWith("!");
    const pattern = clean(takesBack ? text.trim().slice(1) : text.trim());
    if (pattern === "") return [];
    const expression = toExpression(pattern);
    if (expression === undefined)
      throw new EngineError(`invalid ${kind}: [${text}]: syntax error in pattern`);
    return [{ takesBack, pattern, expression }];
  });
}

function clean(pattern: string): string {
  const normal = posix.normalize(pattern).replace(/^\/+|\/+$/g, "");
  return normal === "." ? "**" : normal;
}

/** The last rule that names the path or a folder above it decides. */
function matches(rules: readonly Rule[], path: string): boolean {
  let taken = false;
  for (const rule of rules) {
    if (rule.takesBack === taken && names(rule, path)) taken = !rule.takesBack;
  }
  return taken;
}

function names(rule: Rule, path: string): boolean {
  if (rule.expression.test(path)) return true;
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    if (rule.expression.test(path.slice(0, slash))) return true;
  }
  return false;
}

function mayMatchBelow(pattern: string, folder: string): boolean {
  const wanted = pattern.split("/");
  const has = folder.split("/");
  for (const [index, name] of has.entries()) {
    const part = wanted[index];
    if (part === undefined) return false;
    if (part.includes("**")) return true;
    if (toExpression(part)?.test(name) !== true) return false;
  }
  return wanted.length > has.length;
}

const expressions = new Map<string, RegExp | undefined>();

function toExpression(pattern: string): RegExp | undefined {
  if (!expressions.has(pattern)) expressions.set(pattern, translate(pattern));
  return expressions.get(pattern);
}

function translate(pattern: string): RegExp | undefined {
  let source = "^";
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? "";
    if (character === "*" && pattern[at + 1] === "*") {
      at++;
      if (pattern[at + 1] === "/") {
        at++;
        source += "(.*/)?";
      } else source += ".*";
    } else if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "\\") {
      at++;
      if (at === pattern.length) return undefined;
      source += quote(pattern[at] ?? "");
    } else if (character === "[") {
      const end = pattern.indexOf("]", at + 2);
      if (end === -1) return undefined;
      const set = pattern.slice(at + 1, end);
      const negated = set.startsWith("^");
      source += `[${negated ? "^" : ""}${(negated ? set.slice(1) : set).replace(/[\\[\]^]/g, "\\$&")}]`;
      at = end;
    } else source += quote(character);
  }
  try {
    return new RegExp(`${source}$`, "su");
  } catch {
    return undefined;
  }
}

function quote(character: string): string {
  return /[\\^$.|?*+()[\]{}/]/.test(character) ? `\\${character}` : character;
}
