import { constants } from "node:os";
import { failure } from "../../model/errors.ts";
import type { LayerStore } from "../layers/layers.ts";
import { openStore, DiskStore } from "../layers/store.ts";
import { PipePool } from "./pipes.ts";
import { catches, childrenOf, commandName } from "./processes.ts";
import type { Started } from "./launch.ts";
import { startSandbox } from "./run.ts";
import type {
  RunningSandbox,
  Sandbox,
  SandboxExit,
  SandboxRequest,
  SandboxSupport,
  StandIn,
} from "./sandbox.ts";
import { standInFor } from "./stand-ins/stand-ins.ts";
import { probe, type Mechanics, type Probe } from "./support.ts";

/** Runs steps by namespaces and overlays of this machine's kernel. */
export class HostSandbox implements Sandbox {
  readonly #store: Promise<DiskStore>;
  readonly #pipes: PipePool;
  /** Each image is looked into once a session: what this machine has does not change under a run. */
  readonly #standIns = new Map<string, Promise<StandIn>>();
  readonly #noted = new Set<string>();
  #probe: Promise<Probe> | undefined;

  constructor(store: LayerStore) {
    this.#store = store instanceof DiskStore ? Promise.resolve(store) : openStore(store.root);
    this.#pipes = new PipePool(async () => (await (await this.#store).scratch()).path);
  }

  readonly support = async (): Promise<SandboxSupport> => (await this.#probed()).support;

  standIn(reference: string): Promise<StandIn> {
    const known = this.#standIns.get(reference);
    if (known !== undefined) return known;
    const standIn = this.#store.then((store) => standInFor(store, reference));
    this.#standIns.set(reference, standIn);
    standIn.catch(() => this.#standIns.delete(reference));
    return standIn;
  }

  async run(request: SandboxRequest): Promise<SandboxExit> {
    const started = await this.#start(request);
    return started.exited;
  }

  async start(request: SandboxRequest): Promise<RunningSandbox> {
    const started = await this.#start(request);
    const { exited, processId } = started;
    return { processId, exited, stop: (graceMs, signal) => stop(started, graceMs, signal) };
  }

  async #start(request: SandboxRequest): Promise<Started> {
    const mechanics = await this.#mechanics();
    if (mechanics.kind === "user-namespace" && !isRoot(request.user)) {
      this.#note(
        request,
        `USER ${request.user} cannot be honoured in this ordinary user's namespace: the step runs as its root. Run Fairway as root, or use the real engine`,
      );
    }
    return startSandbox(request, { store: await this.#store, mechanics, pipes: this.#pipes });
  }

  #note(request: SandboxRequest, text: string): void {
    if (this.#noted.has(text)) return;
    this.#noted.add(text);
    request.onNote?.(text);
  }

  async #mechanics(): Promise<Mechanics> {
    const { support, mechanics } = await this.#probed();
    if (mechanics !== undefined) return mechanics;
    const { reason, remedy } = support;
    throw failure(`this machine cannot run steps: ${reason}`, { code: "SANDBOX_UNSUPPORTED", remedy });
  }

  #probed(): Promise<Probe> {
    this.#probe ??= this.#store.then(probe);
    return this.#probe;
  }
}

const shells = new Set(["sh", "dash", "bash", "ash", "busybox", "zsh"]);

async function stop(
  started: Started,
  graceMs: number,
  signal: NodeJS.Signals = "SIGTERM",
): Promise<SandboxExit> {
  if (started.isOver()) return started.exited;
  started.linger();
  const timer = setTimeout(() => {
    started.kill();
  }, graceMs);
  try {
    sendSignal(started.processId, signal);
    return await started.exited;
  } finally {
    clearTimeout(timer);
  }
}

/** To the program; and below a shell that does not catch it, which passes nothing on, to what it runs. */
function sendSignal(processId: number, signal: NodeJS.Signals): void {
  const number = constants.signals[signal];
  const isShell = shells.has(commandName(processId) ?? "");
  const below = isShell && !catches(processId, number) ? childrenOf(processId) : [];
  try {
    process.kill(processId, number);
  } catch {
    // It ended by itself.
  }
  for (const child of below) sendSignal(child, signal);
}

function isRoot(user: string): boolean {
  return /^(|root|0)(:.*)?$/.test(user);
}
