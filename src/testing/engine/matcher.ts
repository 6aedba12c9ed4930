import type { ScriptedExec } from "../../engine/engine.ts";

/**
 * Which steps are meant: the first words of the command; the whole command line as a pattern (`npm run *`), or as a
 * regular expression; or several things at once.
 */
export type ExecMatcher = readonly string[] | string | RegExp | ExecPattern;

/** All that is said must hold. */
export interface ExecPattern {
  /** The first words of the command. */
  readonly argv?: readonly string[];
  /** All words of the command. */
  readonly exactly?: readonly string[];
  /** The command line, words joined by a space: `npm run *`. */
  readonly line?: string | RegExp;
  /** The image's reference: `node:*`. */
  readonly image?: string | RegExp;
  /** Paths at which something is mounted; `cache:NAME` and `secret:NAME` for what it is. */
  readonly mounts?: readonly string[];
  /** Names of variables, secret ones too. */
  readonly env?: readonly string[];
  /** Aliases of services. */
  readonly services?: readonly string[];
  /** Where the step is written, for a Dockerfile's: `Dockerfile:*`. */
  readonly place?: string | RegExp;
}

/** What of a step is not as the matcher wants it: none where it is meant. */
export function differences(matcher: ExecMatcher, exec: ScriptedExec): readonly string[] {
  const pattern = patternOf(matcher);
  return [
    ...argvDifferences(pattern, exec.argv),
    ...textDifference("the command line", pattern.line, exec.argv.join(" ")),
    ...textDifference("the image", pattern.image, exec.image ?? ""),
    ...textDifference("its place", pattern.place, exec.place ?? ""),
    ...missing("no mount", pattern.mounts, mountNames(exec)),
    ...missing("no variable", pattern.env, [
      ...Object.keys(exec.variables),
      ...exec.secretVariables.map(({ name }) => name),
    ]),
    ...missing(
      "no service",
      pattern.services,
      exec.services.map(({ alias }) => alias),
    ),
  ];
}

/** How far a step is from being meant: 0 where it is. */
export function distance(matcher: ExecMatcher, exec: ScriptedExec): number {
  const pattern = patternOf(matcher);
  const wanted = pattern.exactly ?? pattern.argv ?? [];
  const words = pattern.exactly === undefined ? exec.argv.slice(0, wanted.length) : exec.argv;
  const line = typeof pattern.line === "string" ? pattern.line.split(" ") : [];
  const others = differences({ ...pattern, argv: [], exactly: undefined, line: undefined } as never, exec);
  const lineDistance =
    pattern.line === undefined || differences({ line: pattern.line }, exec).length === 0
      ? 0
      : Math.max(1, editDistance(line, exec.argv));
  return editDistance(wanted, words) + lineDistance + others.length;
}

/** A matcher as somebody would write it. */
export function matcherText(matcher: ExecMatcher): string {
  if (matcher instanceof RegExp) return String(matcher);
  if (typeof matcher === "string" || Array.isArray(matcher)) return JSON.stringify(matcher);
  const parts = Object.entries(matcher as ExecPattern)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value instanceof RegExp ? String(value) : JSON.stringify(value)}`);
  return `{ ${parts.join(", ")} }`;
}

function patternOf(matcher: ExecMatcher): ExecPattern {
  if (typeof matcher === "string" || matcher instanceof RegExp) return { line: matcher };
  return Array.isArray(matcher) ? { argv: matcher as readonly string[] } : (matcher as ExecPattern);
}

function argvDifferences({ argv, exactly }: ExecPattern, given: readonly string[]): readonly string[] {
  const wanted = exactly ?? argv ?? [];
  const found = wanted.flatMap((word, index) =>
    word === given[index]
      ? []
      : [
          given[index] === undefined
            ? `word ${String(index + 1)} is missing, expected ${JSON.stringify(word)}`
            : `word ${String(index + 1)} is ${JSON.stringify(given[index])}, expected ${JSON.stringify(word)}`,
        ],
  );
  const surplus = exactly === undefined ? [] : given.slice(exactly.length);
  return surplus.length === 0 ? found : [...found, `further words: ${surplus.join(" ")}`];
}

function textDifference(what: string, wanted: string | RegExp | undefined, given: string): readonly string[] {
  if (wanted === undefined || matches(wanted, given)) return [];
  const told = given === "" ? "empty" : JSON.stringify(given);
  return [
    `${what} is ${told}, expected ${typeof wanted === "string" ? JSON.stringify(wanted) : String(wanted)}`,
  ];
}

function missing(what: string, wanted: readonly string[] = [], given: readonly string[]): readonly string[] {
  return wanted.filter((name) => !given.includes(name)).map((name) => `${what} ${name}`);
}

function mountNames({ mounts }: ScriptedExec): readonly string[] {
  return mounts.flatMap((mount) => {
    if (mount.kind === "cache") return [mount.path, `cache:${mount.volume}`];
    return mount.kind === "secret" ? [mount.path, `secret:${mount.secret}`] : [mount.path];
  });
}

/** `*` stands for any characters, `?` for one. */
function matches(pattern: string | RegExp, text: string): boolean {
  if (pattern instanceof RegExp)
    return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).test(text);
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "su").test(text);
}

/** Words to be changed, added or left out. */
function editDistance(a: readonly string[], b: readonly string[]): number {
  let row = b.map((_, index) => index + 1);
  for (const [i, word] of a.entries()) {
    let [corner, left] = [i, i + 1];
    row = b.map((other, j) => {
      const above = row[j] ?? 0;
      left = word === other ? corner : 1 + Math.min(corner, above, left);
      corner = above;
      return left;
    });
  }
  return b.length === 0 ? a.length : (row.at(-1) ?? 0);
}
