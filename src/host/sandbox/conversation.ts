import type { ChildProcess } from "node:child_process";
import type { Duplex } from "node:stream";
import { SandboxStartError } from "./errors.ts";
import type { MountPlan } from "./mounts.ts";
import { hasOthers } from "./processes.ts";
import type { SandboxExit, SandboxRequest } from "./sandbox.ts";
import { joinUppers, settleUppers } from "./settle.ts";

/** A sandbox whose program has been started. */
export interface Started {
  /** Number on this machine of the program. */
  readonly processId: number;
  /** After the program has ended, everything is settled and nothing is left. */
  readonly exited: Promise<SandboxExit>;
  isOver(): boolean;
  /** Ends everything at once. */
  kill(): void;
  /** From now on, the end of the program waits for those that it left running, at most until `kill`. */
  linger(): void;
}

/**
 * Hands over the script and follows what the namespace's init says. Resolves when the program is started.
 * @throws SandboxStartError with what was said when it cannot be
 */
export function converse(
  child: ChildProcess,
  script: string,
  request: SandboxRequest,
  plan: MountPlan,
  scratch: AsyncDisposable,
  outputs: readonly Duplex[],
): Promise<Started> {
  return new Conversation(child, request.signal, plan, scratch, outputs).begin(script);
}

class Conversation implements Started {
  processId = 0;
  readonly exited: Promise<SandboxExit>;
  readonly #child: ChildProcess;
  readonly #control: Duplex;
  readonly #signal: AbortSignal | undefined;
  readonly #plan: MountPlan;
  #init: number | undefined;
  #exitCode: number | undefined;
  #fault: Error | undefined;
  #lingers = false;
  #over = false;
  #said = "";

  constructor(
    child: ChildProcess,
    signal: AbortSignal | undefined,
    plan: MountPlan,
    scratch: AsyncDisposable,
    outputs: readonly Duplex[],
  ) {
    this.#child = child;
    this.#control = child.stdio[4] as Duplex;
    this.#signal = signal;
    this.#plan = plan;
    this.exited = this.#finish(ended(child, outputs), scratch);
    this.exited.catch(() => undefined);
  }

  begin(script: string): Promise<Started> {
    const life = this.#child.stdin!;
    life.on("error", () => undefined);
    life.write(script);
    this.#control.on("error", () => undefined);
    this.#child.once("error", (error) => {
      this.#fault = error;
    });
    return new Promise((resolve, reject) => {
      readLines(this.#control, (line) => {
        this.#hear(line);
        if (this.processId !== 0) resolve(this);
      });
      const failed = () => {
        reject(this.#fault ?? new SandboxStartError(startFailure(this.#said)));
      };
      this.exited.then(failed, reject);
    });
  }

  isOver(): boolean {
    return this.#over;
  }

  readonly kill = (): void => {
    if (this.#over) return;
    killProcess(this.#init);
    killProcess(this.#child.pid);
  };

  linger(): void {
    this.#lingers = true;
  }

  #hear(line: string): void {
    const [word, first, second] = line.split(" ");
    const isStarted = this.processId !== 0;
    if (word === "started") {
      this.#init = Number(first);
      this.processId = Number(second);
    } else if (word === "exited" && isStarted) {
      this.#exitCode = Number(first);
      void this.#untilAlone().then(() => this.#control.write("\n"));
    } else if (word === "quiet" && isStarted) {
      void this.#settle().then(() => this.#control.write("\n"));
    } else {
      this.#said += `${line}\n`;
      if (word === "exited") this.kill();
    }
  }

  async #settle(): Promise<void> {
    try {
      await settleUppers(this.#plan, this.#init!);
    } catch (error) {
      this.#fault = error as Error;
    }
  }

  /** While a stop is under way, what the program left running gets its time too. */
  async #untilAlone(): Promise<void> {
    while (this.#lingers && hasOthers(this.#init!)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async #finish(gone: Promise<void>, scratch: AsyncDisposable): Promise<SandboxExit> {
    this.#signal?.addEventListener("abort", this.kill, { once: true });
    if (this.#signal?.aborted === true) this.kill();
    try {
      await gone;
      this.#over = true;
      await joinUppers(this.#plan);
    } finally {
      this.#signal?.removeEventListener("abort", this.kill);
      await scratch[Symbol.asyncDispose]();
    }
    this.#signal?.throwIfAborted();
    if (this.#fault !== undefined) throw this.#fault;
    return { exitCode: this.#exitCode ?? 137 };
  }
}

function startFailure(said: string): string {
  const text = said
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("exited ") && !line.includes("dmesg(1)"))
    .join("; ");
  return `the sandbox could not be set up: ${text === "" ? "it ended at once" : text}`;
}

/** Resolves when the process is gone and nobody has its output open any more. */
async function ended(child: ChildProcess, outputs: readonly Duplex[]): Promise<void> {
  const exit = new Promise<void>((resolve) => {
    child.once("exit", () => {
      resolve();
    });
    child.once("error", () => {
      resolve();
    });
  });
  const closed = outputs.map((stream) => new Promise<void>((resolve) => stream.once("close", resolve)));
  await Promise.all([exit, ...closed]);
}

function readLines(stream: Duplex, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    lines.forEach(onLine);
  });
  stream.on("end", () => {
    if (rest !== "") onLine(rest);
  });
}

function killProcess(processId: number | undefined): void {
  if (processId === undefined) return;
  try {
    process.kill(processId, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
