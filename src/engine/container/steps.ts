import { StepError } from "../errors.ts";
import { scrub } from "../scrub.ts";
import type { Session } from "../session.ts";
import { commandOf, execKey, type ExecOptions } from "./exec-request.ts";
import type { ContainerState, ExecResult } from "./state.ts";

/** Has steps run by the session's executor: each that is asked for twice at once, once. */
export class Steps {
  readonly #session: Session;
  readonly #running = new Map<string, Promise<ContainerState>>();

  constructor(session: Session) {
    this.#session = session;
  }

  async run(state: ContainerState, options: ExecOptions): Promise<ContainerState> {
    if (state.postgres !== null) await this.#session.sandbox.standIn(state.postgres);
    const command = commandOf(state, options);
    const key = await execKey(this.#session, state, command, options);
    this.#session.execution.asked?.(key);
    const running = this.#running.get(key) ?? this.#find(key, state, command, options);
    this.#running.set(key, running);
    try {
      const after = await running;
      // Another container may have asked for the same step with other labels or ports.
      return {
        ...state,
        rootfs: after.rootfs,
        mounts: after.mounts,
        lastExec: after.lastExec,
        imageRef: null,
      };
    } finally {
      this.#running.delete(key);
    }
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running.values());
  }

  async #find(
    key: string,
    state: ContainerState,
    command: readonly string[],
    options: ExecOptions,
  ): Promise<ContainerState> {
    const { execution, events, secretTexts } = this.#session;
    const id = events.nextId();
    const shown = scrub(options.display ?? display(command), secretTexts);
    const began = Date.now();
    const finished = (outcome: "done" | "cached" | "failed", exitCode: number | null) => {
      events.emit({ type: "finished", id, outcome, exitCode, durationMs: Date.now() - began });
    };
    let told = false;
    const tell = () => {
      if (!told) events.emit({ type: "started", id, command: shown, image: state.image });
      told = true;
    };
    try {
      const { after, outcome } = await execution.run({ id, key, state, command, options, tell });
      tell();
      finished(outcome, after.lastExec?.exitCode ?? null);
      return after;
    } catch (error) {
      tell();
      finished("failed", error instanceof StepError ? error.failure.exitCode : null);
      throw error;
    }
  }
}

/** What an error shows of a stream: its last bytes. */
const shownBytes = 100 * 1024;

/** As the real engine's error has it: the end of each stream, without the blank around it. */
export function trimmed({ exitCode, stdout, stderr }: ExecResult): {
  exitCode: number;
  stdout: string;
  stderr: string;
} {
  return { exitCode, stdout: shownOf(stdout), stderr: shownOf(stderr) };
}

function shownOf(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length < shownBytes) return text.trim();
  const last = Buffer.from(bytes.subarray(bytes.length - shownBytes));
  // Written over the first bytes of what is shown, as there.
  last.write(`[omitting ${String(bytes.length - shownBytes)} bytes]...`);
  return last.toString().trim();
}

/** A command as people would type it. */
export function display(command: readonly string[]): string {
  return command
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}
