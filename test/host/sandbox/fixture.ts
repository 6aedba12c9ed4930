import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLayerStore, type Layer, type LayerStore, type Stack } from "../../../src/host/layers/layers.ts";
import {
  createSandbox,
  type Sandbox,
  type SandboxRequest,
  type StandIn,
} from "../../../src/host/sandbox/sandbox.ts";

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A store in a directory of its own, and a sandbox over it with Debian's stand-in. */
export class Bench implements AsyncDisposable {
  readonly root: string;
  readonly store: LayerStore;
  readonly sandbox: Sandbox;
  readonly standIn: StandIn;
  readonly notes: string[] = [];
  #layers = 0;

  private constructor(root: string, store: LayerStore, sandbox: Sandbox, standIn: StandIn) {
    this.root = root;
    this.store = store;
    this.sandbox = sandbox;
    this.standIn = standIn;
  }

  static async open(): Promise<Bench> {
    const root = await mkdtemp(join(tmpdir(), "fairway sandbox:,"));
    const store = await openLayerStore(root);
    const sandbox = createSandbox({ store });
    return new Bench(root, store, sandbox, await sandbox.standIn("debian:12"));
  }

  request(command: readonly string[], more: Partial<SandboxRequest> = {}): SandboxRequest {
    return {
      standIn: this.standIn,
      stack: [],
      mounts: [],
      command,
      variables: this.standIn.variables,
      workdir: "/",
      user: "",
      hosts: {},
      onOutput: () => undefined,
      onNote: (text) => this.notes.push(text),
      ...more,
    };
  }

  async run(command: readonly string[], more: Partial<SandboxRequest> = {}): Promise<Ran> {
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const { exitCode } = await this.sandbox.run(
      this.request(command, { onOutput: (stream, chunk) => output[stream].push(chunk), ...more }),
    );
    return {
      exitCode,
      stdout: Buffer.concat(output.stdout).toString(),
      stderr: Buffer.concat(output.stderr).toString(),
    };
  }

  sh(script: string, more: Partial<SandboxRequest> = {}): Promise<Ran> {
    return this.run(["sh", "-c", script], more);
  }

  /** The layer that a script makes above others. */
  layer(script: string, stack: Stack = [], more: Partial<SandboxRequest> = {}): Promise<Layer> {
    return this.store.ensure(`test:${String(this.#layers++)}`, async ({ path }) => {
      const ran = await this.sh(`set -e; ${script}`, { stack, upper: path, ...more });
      if (ran.exitCode !== 0) throw new Error(`${script}: ${String(ran.exitCode)} ${ran.stderr}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Root of this machine, or an ordinary user of it. */
export const isRoot = process.geteuid?.() === 0;
