import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../../../src/model/clock.ts";
import type { Release, ServiceRelease } from "../../../../src/model/plan.ts";
import type { OperationContext, Target } from "../../../../src/model/target.ts";
import type { LayerStore } from "../../../../src/host/layers/layers.ts";
import type { Sandbox } from "../../../../src/host/sandbox/sandbox.ts";
import { endedWithin, identityOf } from "../../../../src/host/processes/processes.ts";
import { localTarget } from "../../../../src/providers/targets/local/local.ts";

export const app = new URL("app.ts", import.meta.url).href;

export interface TestEnvironment extends AsyncDisposable {
  readonly directory: string;
  readonly target: Target;
  readonly reports: string[];
  context(overrides?: Partial<OperationContext>): OperationContext;
  /** Another command that looks at the same environment. */
  another(): Promise<Target>;
}

export async function testEnvironment(clock?: Clock): Promise<TestEnvironment> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-local-"));
  const reports: string[] = [];
  let operations = 0;
  const another = () => processTarget(join(directory, "state"), clock);
  const context = (overrides: Partial<OperationContext> = {}): OperationContext => ({
    fencingToken: 1,
    operationId: `operation-${String(++operations)}`,
    secrets: {},
    signal: new AbortController().signal,
    report: (line) => reports.push(line),
    ...overrides,
  });
  const target = await another();
  return {
    directory,
    target,
    reports,
    context,
    another,
    [Symbol.asyncDispose]: async () => {
      await target.stop(context({ fencingToken: Number.MAX_SAFE_INTEGER }), { removeData: true });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function processTarget(stateDirectory: string, clock?: Clock): Promise<Target> {
  return localTarget({
    environment: "local",
    stateDirectory,
    ...(clock === undefined ? {} : { clock }),
    sandbox: {} as Sandbox,
    store: { root: "/nowhere" } as LayerStore,
    replacement: {
      supervisorEntry: new URL("process-supervisor.ts", import.meta.url),
      pull: (reference) => Promise.resolve({ reference, layers: [], base: null, config: {} }),
    },
  });
}

export function service(overrides: Partial<ServiceRelease> = {}): ServiceRelease {
  return {
    name: "api",
    image: app,
    port: 3040,
    replicas: 2,
    variables: {},
    secretNames: [],
    probes: { startup: null, ready: "/ready", live: "/live", startupTimeoutSeconds: 10 },
    drainSeconds: 5,
    needs: [],
    ...overrides,
  };
}

export function release(version: string, ...services: ServiceRelease[]): Release {
  return {
    version,
    commit: "0".repeat(40),
    branch: "main",
    services: services.length > 0 ? services : [service()],
    migrations: [],
  };
}

export function replaceOperation(version: string, index = 0, name = "api") {
  return { kind: "replace-replica", service: name, index, version } as const;
}

export const needs = { services: [{ name: "api", port: 3040 }], postgres: null };

export interface Answer {
  readonly version: string;
  readonly pid: number;
  readonly bytes: number;
  readonly greeting?: string;
}

/** Two replicas of the version. */
export async function deployed(version: string, clock?: Clock): Promise<TestEnvironment> {
  const environment = await testEnvironment(clock);
  const context = environment.context();
  await environment.target.prepare(context, needs);
  for (const index of [0, 1])
    await environment.target.apply(replaceOperation(version, index), release(version), context);
  return environment;
}

export async function replicasOf(target: Target, name = "api") {
  const observed = await target.observe();
  return observed.services.find((candidate) => candidate.name === name)?.replicas ?? [];
}

export async function urlOf(target: Target): Promise<string> {
  return (await target.urls())["api"] ?? "";
}

export async function versionsThatAnswer({ target }: { readonly target: Target }): Promise<string[]> {
  const url = await urlOf(target);
  const answers = await Promise.all(
    Array.from({ length: 12 }, async () => (await (await fetch(url)).json()) as Answer),
  );
  return [...new Set(answers.map((answer) => answer.version))].sort();
}

export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A command in a process of its own, to be killed. */
export function startCommand(stateDirectory: string, version: string) {
  const script = fileURLToPath(new URL("deploy-command.ts", import.meta.url));
  const child = spawn(process.execPath, [script, stateDirectory, version], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    says: async (word: string) => {
      for (;;) {
        const line = await lines.next();
        if (line.done === true) throw new Error("the command ended");
        if (line.value === word) return;
      }
    },
    kill: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

export async function killSupervisor(stateDirectory: string): Promise<void> {
  const record = JSON.parse(await readFile(join(stateDirectory, "supervisor", "daemon.json"), "utf8")) as {
    pid: number;
  };
  const identity = identityOf(record.pid);
  process.kill(record.pid, "SIGKILL");
  if (identity !== undefined) await endedWithin(identity, 5_000);
}
