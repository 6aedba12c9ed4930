import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { shownCommand } from "../shown-command.ts";
import { userEnvironment } from "../user-environment.ts";
import { BrokenPromise, expect, type Narrator } from "./narrator.ts";

/** npm's remarks about the machine's own settings are not part of the story. */
export const quiet = {
  env: { ...userEnvironment(), npm_config_loglevel: "error" },
  extendEnv: false,
  stdin: "ignore",
} as const;

export interface Heard {
  readonly exitCode: number;
  /** What it printed on both streams, without colours. */
  readonly output: string;
}

export interface StartedCommand {
  /** The process, and its group. */
  readonly processId: number;
  /** True once it has printed a text; false when it ended before that. */
  printed(text: string): Promise<boolean>;
  /** Ends it and all that it started, at once; answers the signal that it ended by, if it did. */
  killHard(): Promise<string | undefined>;
}

/** Commands in a directory of the user's, run before the audience's eyes. */
export class Commands {
  readonly directory: string;
  readonly #narrator: Narrator;
  #running: { tell(signal: NodeJS.Signals): void; readonly ended: Promise<unknown> } | undefined;
  #stopped = false;

  constructor(directory: string, narrator: Narrator) {
    this.directory = directory;
    this.#narrator = narrator;
  }

  /** The command has the terminal to itself: what it prints is what a user sees. Answers its exit code. */
  async show(program: string, words: readonly string[]): Promise<number> {
    this.#begin([program, ...words]);
    const running = execa(program, words, {
      ...quiet,
      cwd: this.directory,
      stdout: "inherit",
      stderr: "inherit",
      reject: false,
    });
    this.#running = { tell: (signal) => running.kill(signal), ended: running };
    return exitCodeOf(await running, [program, ...words]);
  }

  /** The same for a command whose words matter: they are shown, and answered. */
  async hear(program: string, words: readonly string[]): Promise<Heard> {
    this.#begin([program, ...words]);
    const running = execa(program, words, heard(this.directory));
    this.#running = { tell: (signal) => running.kill(signal), ended: running };
    const result = await running;
    return {
      exitCode: exitCodeOf(result, [program, ...words]),
      output: stripVTControlCharacters(result.all),
    };
  }

  /** The same for a command that has to end and to speak as expected; answers what it printed. */
  async expectHeard(
    exitCode: number,
    command: readonly string[],
    says: readonly string[] = [],
  ): Promise<string> {
    const [program = "", ...words] = command;
    const heard = await this.hear(program, words);
    const shown = shownCommand(command);
    expect(heard.exitCode === exitCode, `${shown} ended with ${heard.exitCode}, not with ${exitCode}`);
    for (const text of says) expect(heard.output.includes(text), `${shown} did not say “${text}”`);
    return heard.output;
  }

  /** Begins a command that is not going to end by itself. */
  start(program: string, words: readonly string[]): StartedCommand {
    this.#begin([program, ...words]);
    const running = execa(program, words, { ...heard(this.directory), detached: true });
    const group = -(running.pid ?? 0);
    // The terminal does not reach it: it is in a group of its own.
    this.#running = { tell: () => process.kill(group, "SIGINT"), ended: running };
    return {
      processId: -group,
      printed: async (text) => {
        let seen = "";
        for await (const chunk of running.all) {
          seen += stripVTControlCharacters(String(chunk));
          if (seen.includes(text)) return true;
        }
        return false;
      },
      killHard: async () => {
        process.kill(group, "SIGKILL");
        return (await running).signal;
      },
    };
  }

  /** No further command begins; the running one may finish, told by `signal` where the terminal did not. */
  async stop(signal?: NodeJS.Signals): Promise<void> {
    this.#stopped = true;
    if (signal !== undefined) this.#running?.tell(signal);
    await this.#running?.ended;
  }

  /** After a stop: for what puts things in order. */
  goOn(): void {
    this.#stopped = false;
  }

  #begin(command: readonly string[]): void {
    if (this.#stopped) throw new BrokenPromise("the demo was interrupted");
    this.#narrator.command(shownCommand(command));
  }
}

/** Both streams are shown and kept, with colours where the audience's terminal has them. */
function heard(directory: string) {
  const colours: Record<string, string> = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
  return {
    ...quiet,
    cwd: directory,
    env: { ...quiet.env, ...colours },
    stdout: ["pipe", "inherit"],
    stderr: ["pipe", "inherit"],
    all: true,
    reject: false,
  } as const;
}

function exitCodeOf(
  { exitCode, signal }: { readonly exitCode?: number | undefined; readonly signal?: string | undefined },
  command: readonly string[],
): number {
  if (exitCode !== undefined) return exitCode;
  throw new BrokenPromise(`${shownCommand(command)} was ended by ${String(signal)}`);
}
