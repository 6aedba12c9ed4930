import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { sandboxExecutor, startEngine } from "../../../src/engine/engine.ts";
import { openLayerStore } from "../../../src/host/layers/layers.ts";
import { createSandbox } from "../../../src/host/sandbox/sandbox.ts";

const root = join(import.meta.dirname, "../../..");

export interface ModuleAnswer {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ModuleCalls extends AsyncDisposable {
  /** Values are JSON texts, or `file:PATH` for a File. */
  call(name: string, ...values: readonly string[]): Promise<ModuleAnswer>;
  /** What the engine's steps printed. */
  readonly log: string[];
}

/**
 * The module's class in a process of its own, on an embedded engine, with no more than a Dagger function has: Node, the
 * network, the module's own files and a temporary directory. There is no program that it could start, no file of this
 * machine that it could read, and no host that hands anything over.
 */
export async function moduleProcess(options: {
  readonly repository: string;
  /** A dotenv file. */
  readonly secrets: string;
  /** Of the engine: layers and results of steps. */
  readonly cache: string;
}): Promise<ModuleCalls> {
  const { repository, secrets, cache } = options;
  const scratch = await mkdtemp(join(tmpdir(), "fairway-function-"));
  const store = await openLayerStore(cache);
  const log: string[] = [];
  const session = await startEngine({
    ...{
      executor: sandboxExecutor({ store, sandbox: createSandbox({ store }) }),
      workdir: repository,
      variables: { ...process.env },
    },
    onEvent: (event) => {
      if (event.type === "output") log.push(event.text);
    },
  });
  const readable = ["dist", "node_modules", "package.json", "test/support/module-process"];
  return {
    log,
    call: async (name, ...values) => {
      const words = [
        "--permission",
        ...readable.map((path) => `--allow-fs-read=${join(root, path)}`),
        ...[`--allow-fs-read=${scratch}`, `--allow-fs-write=${scratch}`],
        join(import.meta.dirname, "call.ts"),
        ...[repository, secrets, name, ...values],
      ];
      const child = spawn(process.execPath, words, {
        cwd: scratch,
        env: {
          ...{ PATH: "", HOME: scratch, TMPDIR: scratch },
          DAGGER_SESSION_PORT: String(session.port),
          DAGGER_SESSION_TOKEN: session.token,
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { exitCode: await ended, stdout, stderr };
    },
    [Symbol.asyncDispose]: async () => {
      await session.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
