import { execFile } from "node:child_process";
import { constants, openSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { Socket } from "node:net";
import { dirname, join } from "node:path";
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
  readonly #parent: () => Promise<string>;
  #directory: Promise<string> | undefined;
  readonly #free: string[] = [];
  #made = 0;
  #making: Promise<void> | undefined;

  /** @param parent answers a directory that is this process's own */
  constructor(parent: () => Promise<string>) {
    this.#parent = parent;
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

  async #take(): Promise<string> {
    for (;;) {
      const path = this.#free.pop();
      if (path !== undefined) return path;
      this.#making ??= this.#make().finally(() => (this.#making = undefined));
      await this.#making;
    }
  }

  async #make(): Promise<void> {
    this.#directory ??= this.#parent().then((parent) => prepareDirectory(join(parent, "pipes")));
    const directory = await this.#directory;
    const paths = Array.from({ length: 12 }, (_, index) => join(directory, String(this.#made + index)));
    this.#made += paths.length;
    await promisify(execFile)("mkfifo", ["-m", "0666", ...paths]);
    this.#free.push(...paths);
  }
}

async function prepareDirectory(path: string): Promise<string> {
  await mkdir(path, { mode: 0o700 });
  process.once("exit", () => {
    rmSync(dirname(path), { recursive: true, force: true });
  });
  return path;
}
