import { execFile } from "node:child_process";
import { closeSync, constants, openSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

/** One end for us, one for a child. */
export interface Pipe {
  readonly ours: Socket;
  /** To be closed here once the child has it. */
  readonly theirs: number;
}

/**
 * Real pipes for a child's output. Node's own are sockets, on which a program cannot open /dev/stdout anew. They
 * are made as named pipes, which are used again once nobody has them open; in use they have mode 666, so that a
 * step that runs as another user can open its /dev/stdout too.
 */
export class PipePool {
  readonly #directory: () => Promise<string>;
  readonly #free: string[] = [];
  #made = 0;
  #making: Promise<void> | undefined;

  constructor(directory: () => Promise<string>) {
    this.#directory = directory;
  }

  /** A pipe that the child writes; `ours` ends when the last writer is gone. */
  async output(): Promise<Pipe> {
    const path = await this.#take();
    const ours = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const theirs = openSync(path, constants.O_WRONLY);
    const socket = new Socket({ fd: ours, readable: true, writable: false });
    socket.once("close", () => this.#free.push(path));
    return { ours: socket, theirs };
  }

  /** A pipe that the child reads. */
  async input(): Promise<Pipe> {
    const path = await this.#take();
    const holder = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const ours = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    const theirs = openSync(path, constants.O_RDONLY);
    closeSync(holder);
    const socket = new Socket({ fd: ours, readable: false, writable: true });
    socket.on("error", () => undefined);
    socket.once("close", () => this.#free.push(path));
    return { ours: socket, theirs };
  }

  async #take(): Promise<string> {
    for (;;) {
      const path = this.#free.pop();
      if (path !== undefined) return path;
      this.#making ??= this.#make().finally(() => (this.#making = undefined));
      await this.#making;
    }
  }

  async #make(): Promise<void> {
    const directory = join(await this.#directory(), "pipes");
    await mkdir(directory, { recursive: true, mode: 0o700 });
    if (this.#made === 0) process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
    const paths = Array.from({ length: 12 }, (_, index) => join(directory, String(this.#made + index)));
    this.#made += paths.length;
    await promisify(execFile)("mkfifo", ["-m", "0666", ...paths]);
    this.#free.push(...paths);
  }
}
