import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Release, ServiceRelease } from "../../../../src/model/plan.ts";
import type { OperationContext, Target } from "../../../../src/model/target.ts";
import type { LayerStore } from "../../../../src/host/layers/layers.ts";
import type { Sandbox } from "../../../../src/host/sandbox/sandbox.ts";
import { localTarget } from "../../../../src/providers/targets/local/local.ts";

export const app = new URL("app.mjs", import.meta.url).href;

export interface TestEnvironment extends AsyncDisposable {
  readonly directory: string;
  readonly target: Target;
  readonly reports: string[];
  context(overrides?: Partial<OperationContext>): OperationContext;
  /** Another command that looks at the same environment. */
  another(): Promise<Target>;
}

export async function testEnvironment(): Promise<TestEnvironment> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-local-"));
  const reports: string[] = [];
  let operations = 0;
  const another = () => processTarget(join(directory, "state"));
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

export function processTarget(stateDirectory: string): Promise<Target> {
  return localTarget({
    environment: "local",
    stateDirectory,
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
