import { availableParallelism } from "node:os";
import type { LayerStore } from "../host/layers/layers.ts";
import type { Sandbox } from "../host/sandbox/sandbox.ts";
import { EngineError } from "./errors.ts";
import type { Disk, Execution, Executor, SessionServices } from "./executor/executor.ts";
import { Events, type EngineEvent } from "./events.ts";
import { Files } from "./files/contents.ts";
import { HostReader } from "./host/host-reader.ts";
import { Limit } from "./limit.ts";
import { Pending } from "./pending.ts";
import { StandIns } from "./container/stand-ins.ts";
import { removeSecretFolder } from "./container/secret-files.ts";
import { Steps } from "./container/steps.ts";
import { currentValue, Values } from "./values.ts";

export interface EngineOptions {
  /** By what steps are run: `sandboxExecutor` or `scriptedExecutor`. */
  readonly executor: Executor;
  /** The directory to which relative paths of `host` belong. */
  readonly workdir: string;
  /** The session's environment, which `env://` secrets are read from. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly onEvent: (event: EngineEvent) => void;
}

/** All that the values of one session share. */
export class Session {
  readonly options: EngineOptions;
  readonly values = new Values();
  readonly files: Files;
  readonly events: Events;
  readonly host: HostReader;
  readonly standIns: StandIns;
  readonly execution: Execution;
  readonly steps: Steps;
  readonly platform = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
  /** Programs that run at once; services do not count, and nobody waits for anything while he has a place. */
  readonly programs = new Limit(availableParallelism() * 2);
  /** What is fetched. */
  readonly pending = new Pending();
  /** Every secret text of the session, for what is shown to people. */
  readonly secretTexts = new Set<string>();
  readonly #abort = new AbortController();

  constructor(options: EngineOptions) {
    this.options = options;
    this.files = new Files(options.executor.disk?.store, options.executor.assumesFiles);
    this.events = new Events(options.onEvent);
    this.host = new HostReader(this);
    this.standIns = new StandIns(this);
    this.execution = options.executor.open(this);
    this.steps = new Steps(this);
  }

  /** Those that are no word of every day: what is shown is scrubbed of them whoever says them. */
  longSecrets(): string[] {
    return [...this.secretTexts].filter((text) => text.length > 5);
  }

  get services(): SessionServices {
    return this.execution.services;
  }

  /** Undefined where nothing is kept and no program is run. */
  get disk(): Disk | undefined {
    return this.options.executor.disk;
  }

  get store(): LayerStore {
    return this.needsDisk().store;
  }

  get sandbox(): Sandbox {
    return this.needsDisk().sandbox;
  }

  /** Throws where answers come from a script. */
  needsDisk(): Disk {
    if (this.disk === undefined) throw notScripted();
    return this.disk;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Ends all programs and services; resolves when none is left. */
  async close(): Promise<void> {
    this.#abort.abort(new Error("the session was closed"));
    await Promise.all([this.steps.idle(), this.pending.idle(), this.services.stopAll()]);
    this.host.close();
    await removeSecretFolder();
  }
}

/** What the value being made needs, a script has not. */
export function notScripted(): EngineError {
  const what = currentValue()?.recipe.operation ?? "this";
  return new EngineError(
    `${what} cannot be answered from a script, which has no programs, no disk and no network: in a test, give the ` +
      "pipeline what it would find, e.g. dag.directory().withNewFile(path, text); or run it on the embedded engine",
  );
}
