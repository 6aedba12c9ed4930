import picocolors from "picocolors";

export type Colours = Readonly<
  Record<"bold" | "faint" | "red" | "green" | "yellow" | "cyan" | "underline", (text: string) => string>
>;

/** What a command may write to, and how. Answers go to `out`; everything else to `notes`. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly notes: NodeJS.WriteStream;
  /** Those of the streams that are seen on the terminal, where what is drawn has to stay in one piece. */
  readonly screens: readonly NodeJS.WriteStream[];
  /** Colours of the two streams: each only where it is a terminal. */
  readonly outColours: Colours;
  readonly colours: Colours;
  /** True where lines can be redrawn: a terminal that has a width and can move its cursor, outside of CI. */
  readonly live: boolean;
  /** False where the locale says that the terminal knows only other signs than those of Unicode. */
  readonly unicode: boolean;
  readonly outWidth: number;
  readonly debug: boolean;
}

export function openTerminal(process: NodeJS.Process): Terminal {
  const { stdout, stderr, env } = process;
  return {
    out: (text) => void stdout.write(text),
    notes: stderr,
    screens: [stdout, stderr].filter(isTerminal),
    outColours: colours(wantsColour(stdout, env)),
    colours: colours(wantsColour(stderr, env)),
    // Some that make a terminal for a program (a container's, a script's) give it no width: nothing would be seen.
    live: isTerminal(stderr) && stderr.columns > 0 && env["TERM"] !== "dumb" && !env["CI"],
    unicode: knowsUnicode(env),
    outWidth: Math.max(48, Math.min(isTerminal(stdout) ? stdout.columns : 80, 100)),
    debug: env["FAIRWAY_DEBUG"] === "1",
  };
}

export function colours(on: boolean): Colours {
  const pick = picocolors.createColors(on);
  const { bold, dim: faint, red, green, yellow, cyan, underline } = pick;
  return { bold, faint, red, green, yellow, cyan, underline };
}

/** https://no-color.org, then FORCE_COLOR, then whether it is a terminal that knows colours. */
export function wantsColour(stream: { readonly isTTY?: boolean }, variables: NodeJS.ProcessEnv): boolean {
  if (variables["NO_COLOR"]) return false;
  const forced = variables["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  return stream.isTTY === true && variables["TERM"] !== "dumb";
}

/** The first of the three that is set names the encoding. Where none is, as in containers, terminals know it all the same. */
export function knowsUnicode(variables: NodeJS.ProcessEnv): boolean {
  if (variables["TERM"] === "linux") return false;
  const locale = variables["LC_ALL"] || variables["LC_CTYPE"] || variables["LANG"] || "";
  return locale === "" || /utf-?8/i.test(locale);
}

/** Typed as always there, but undefined on a pipe. */
function isTerminal(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true;
}
