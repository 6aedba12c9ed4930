import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pc from "picocolors";
import { BrokenPromise, Narrator } from "./narrator.ts";

/** A story on a stage of its own: commands that are run, and promises that are kept or broken. */
export interface Story {
  /** Throws when a promise is not kept. */
  tell(): Promise<void>;
  /** Ends what runs, when the story is over before its end; `signal` where the terminal did not tell it. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** What is left to look at, and how it is removed. */
  keptText(): string;
  /** Ends everything; with `keep` only what does not outlive this process. */
  close(): Promise<void>;
}

export interface Scene {
  /** A temporary directory, removed at the end unless it is kept. */
  readonly directory: string;
  readonly narrator: Narrator;
  readonly keep: boolean;
}

/** Tells a story before the audience; exit code 1 when a promise of it was not kept. */
export async function perform(name: string, makeStory: (scene: Scene) => Story): Promise<void> {
  const { values } = parseArgs({ options: { keep: { type: "boolean", default: false } } });
  const directory = await mkdtemp(join(tmpdir(), `fairway-${name}-`));
  // PostgreSQL does not run as root: whoever it runs as must be able to enter.
  await chmod(directory, 0o755);
  const narrator = new Narrator();
  const story = makeStory({ directory, narrator, keep: values.keep });

  let interruptedBy: NodeJS.Signals | undefined;
  const interrupted = new Promise<never>((_resolve, reject) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      // On, not once: with no listener left, the next signal would end the clean-up.
      process.on(signal, () => {
        interruptedBy = signal;
        reject(new BrokenPromise(`interrupted by ${signal}`));
      });
    }
  });
  try {
    await Promise.race([story.tell(), interrupted]);
    narrator.end();
    console.log(`\n${pc.bold("The whole story was told.")}\n${narrator.summary()}`);
    if (values.keep) console.log(`\n${story.keptText()}`);
  } catch (error) {
    process.exitCode = 1;
    // The command that runs has the last word before the reason is told.
    await story.stop(interruptedBy === "SIGTERM" ? "SIGINT" : undefined);
    narrator.end();
    const reason = error instanceof BrokenPromise ? error.message : String((error as Error).stack ?? error);
    console.error(`\n${pc.red(pc.bold("The demo failed:"))} ${reason}\n${narrator.summary()}`);
  } finally {
    await story.close();
    if (!values.keep) await rm(directory, { recursive: true, force: true });
  }
}
