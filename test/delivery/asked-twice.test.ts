import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Client } from "@dagger.io/dagger";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openRelease } from "../../src/delivery/candidate.ts";
import { ofRepository, openDelivery } from "../../src/delivery/delivery.ts";
import { startRegistryServer } from "../../src/host/registry/registry.ts";
import { systemClock } from "../../src/model/clock.ts";
import { withHostCapabilities, type HostCapabilities } from "../../src/model/host.ts";
import { silentProgress } from "../../src/model/progress.ts";
import type { OperationContext, Target } from "../../src/model/target.ts";
import { stockPipeline } from "../../src/pipeline.ts";
import { openSqliteLedger } from "../../src/providers/ledgers/sqlite.ts";
import { smokeTest } from "../../src/providers/targets/smoke.ts";
import { release } from "../../src/release/release.ts";
import { testEngine } from "../engine/support/engine.ts";
import { releaseContext as plainContext, simulatedTarget } from "../../src/testing/testing.ts";
import { releaseOf } from "../support/releases.ts";

/** What reaches this server has really run: it counts, by path. */
const reached = new Map<string, number>();
const counter = createServer((request, response) => {
  const path = request.url ?? "";
  reached.set(path, (reached.get(path) ?? 0) + 1);
  response.end("counted");
});
const timesReached = (path: string) => reached.get(path) ?? 0;

let address: string;
let directory: string;
let host: HostCapabilities;
const target = simulatedTarget();
const closing = new AsyncDisposableStack();

beforeAll(async () => {
  counter.listen(0, "127.0.0.1");
  await once(counter, "listening");
  closing.defer(() => void counter.close());
  address = `http://127.0.0.1:${String((counter.address() as AddressInfo).port)}`;
  directory = await mkdtemp(join(tmpdir(), "fairway-asked-twice-"));
  closing.defer(() => rm(directory, { recursive: true }));
  for (const [file, text] of Object.entries(files())) {
    await mkdir(dirname(join(directory, "repository", file)), { recursive: true });
    await writeFile(join(directory, "repository", file), text);
  }
  const registry = await startRegistryServer({ root: join(directory, "registry") });
  closing.defer(() => registry.close());
  const ledger = await openSqliteLedger(join(directory, "ledger.db"), systemClock);
  closing.defer(() => ledger.close());
  host = {
    engine: "embedded",
    progress: silentProgress,
    clock: systemClock,
    actor: "ada@laptop",
    actorEmail: async () => null,
    command: "npx fairway",
    localTarget: async () => smoking,
    sqliteLedger: async () => ledger,
    ledgerDirectory: async () => directory,
    loopbackRegistry: async () => registry.address,
    stopLoopbackRegistry: async () => undefined,
  };
});
afterAll(() => closing.disposeAsync());

/** Every environment's services are asked as a real target asks them. */
const smoking: Target = {
  ...target,
  smoke: (checks, { signal, report }) =>
    smokeTest(checks, {
      ...{ urls: { web: address }, clock: systemClock, signal, report },
      ...{ scrub: (text) => text, remedy: () => "" },
    }),
};

/** A call of its own, with an engine of its own: what one has done, the next finds in the cache that both have. */
async function asked<T>(work: (dag: Client) => Promise<T>): Promise<T> {
  await using engine = await testEngine({ cache: join(directory, "cache") });
  return await engine.with((dag) => withHostCapabilities(host, () => work(dag)));
}

const sourceOf = (dag: Client) => dag.host().directory(join(directory, "repository"));

it("the same build runs once", async () => {
  const images = () => asked((dag) => stockPipeline.with(dag, { source: sourceOf(dag) }).images());
  const first = await images();
  expect(timesReached("/build")).toBe(1);
  expect(await images()).toBe(first);
  expect(timesReached("/build")).toBe(1);
});

it("the same migrate, observe and smoke steps run as often as they are asked", async () => {
  const migrations = [{ name: "1_init", phase: "expand" as const }];
  const operation = { kind: "migrate", migrations } as const;
  const checks = [{ service: "web", path: "/smoke", status: 200, contains: null }];
  // Of the same operation of the same deployment: as another clone of the repository would count it.
  const context: OperationContext = {
    fencingToken: 1,
    operationId: "local-1/0/1",
    secrets: { DATABASE_URL: address },
    signal: new AbortController().signal,
    report: () => undefined,
  };
  const stepsOf = (dag: Client) =>
    openRelease(openDelivery(dag, { source: sourceOf(dag) }, ofRepository), "local", null);
  const ask = async (dag: Client, times: number) => {
    const { executors, target } = (await stepsOf(dag)).context;
    await executors.migrate(operation, context);
    expect(timesReached("/migrate-deploy")).toBe(times);
    expect(await executors.migrationState(operation, context)).toBe("done");
    // Once before it migrates, and once to see what came of it.
    expect(timesReached("/migrate-status")).toBe(2 * times);
    await target.smoke(checks, context);
    expect(timesReached("/smoke")).toBe(times);
  };
  await asked(async (dag) => {
    await ask(dag, 1);
    await ask(dag, 2);
  });
  await asked((dag) => ask(dag, 3));
});

it("status is never a cached answer: it sees what changed behind its back, asked in the very same words", async () => {
  await asked(async (dag) => {
    const pipeline = stockPipeline.with(dag, { source: sourceOf(dag) });
    const status = async () => JSON.parse(await pipeline.status("local", "json")) as [Status];
    expect(await status()).toMatchObject([{ live: null, observed: { services: [] } }]);

    const context = plainContext({ ledger: await host.sqliteLedger(), target, clock: systemClock });
    const candidate = { migrations: [], smoke: [], tags: [], standIns: [], after: null };
    await release({ ...candidate, release: releaseOf("v1", ["web"]) }, context);
    const [deployed] = await status();
    expect(deployed.live?.version).toBe("v1");
    expect(replicasIn(deployed)).toEqual(["v1 ready", "v1 ready"]);

    // Nobody tells the ledger.
    await target.stop({ ...stopping, fencingToken: 1_000 }, { removeData: false });
    const [emptied] = await status();
    expect(emptied.live?.version).toBe("v1");
    expect(replicasIn(emptied)).toEqual([]);
  });
});

interface Status {
  readonly live: { readonly version: string } | null;
  readonly observed: { readonly services: readonly { readonly replicas: readonly Replica[] }[] };
}
interface Replica {
  readonly version: string;
  readonly state: string;
}

function replicasIn({ observed }: Status): string[] {
  return observed.services.flatMap(({ replicas }) =>
    replicas.map(({ version, state }) => `${version} ${state}`),
  );
}

const stopping: Omit<OperationContext, "fencingToken"> = {
  operationId: "by hand",
  secrets: {},
  signal: new AbortController().signal,
  report: () => undefined,
};

/** A repository whose build tells the server, and whose `prisma` does nothing else either. */
function files(): Record<string, string> {
  const count = (path: string) => `await fetch("${address}${path}")`;
  return {
    "fairway.yaml": `name: counted
database: { prisma: { schema: prisma/schema.prisma } }
services: { web: { dockerfile: Dockerfile, port: 3000, ready: / } }
environments: { local: { target: local } }
`,
    Dockerfile: `FROM node:24-slim
RUN node --input-type=module -e '${count("/build")}'
USER node
HEALTHCHECK CMD ["true"]
CMD ["node", "-e", "${randomUUID()}"]
`,
    "prisma/schema.prisma": "",
    "prisma/migrations/1_init/migration.sql": "CREATE TABLE notes (id int);\n",
    "package.json": JSON.stringify({
      name: "counted",
      scripts: { prepare: "install -D prisma.mjs node_modules/.bin/prisma" },
    }),
    "package-lock.json": JSON.stringify({
      name: "counted",
      lockfileVersion: 3,
      packages: { "": { name: "counted" } },
    }),
    "prisma.mjs": `#!/usr/bin/env node
await fetch(process.env.DATABASE_URL + "/" + process.argv.slice(2, 4).join("-"));
console.log("Database schema is up to date!");
`,
  };
}
