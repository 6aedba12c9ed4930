// Deploys `version` to a local environment, and kills itself at one write to the ledger: `before` it, or right `after`.
import { join } from "node:path";
import type { Ledger } from "../../../src/model/ledger.ts";
import { systemClock } from "../../../src/model/clock.ts";
import { silentProgress } from "../../../src/model/progress.ts";
import { openSqliteLedger } from "../../../src/providers/ledgers/sqlite.ts";
import { ungated } from "../../../src/release/gates/gating.ts";
import { readState, release, type ReleaseContext } from "../../../src/release/release.ts";
import { processTarget, release as releaseOf, service } from "../../providers/targets/local/fixtures.ts";
import { appendFile, readFile } from "node:fs/promises";

/** What a real deploy has, on a directory: replicas are processes, and a file stands for the database. */
export async function contextIn(
  directory: string,
  wrap: (ledger: Ledger) => Ledger = (ledger) => ledger,
): Promise<ReleaseContext> {
  const ledger = wrap(await openSqliteLedger(join(directory, "ledger.db"), systemClock));
  const database = join(directory, "database.txt");
  const applied = async () => (await readFile(database, "utf8").catch(() => "")).split("\n");
  return {
    pipeline: "matrix",
    environment: "local",
    ledger,
    target: await processTarget(join(directory, "state")),
    executors: {
      migrate: async ({ migrations }) => {
        for (const { name } of migrations) await appendFile(database, `${name}\n`);
        return { observed: "applied" };
      },
      migrationState: async ({ migrations }) => {
        const names = await applied();
        return migrations.every(({ name }) => names.includes(name)) ? "done" : "not done";
      },
      tagImages: () => Promise.resolve({ observed: "tagged" }),
    },
    needs: { services: [{ name: "api", port: 3040 }], postgres: null },
    secrets: {},
    databaseVariable: null,
    gating: ungated,
    clock: systemClock,
    progress: silentProgress,
    actor: `process-${String(process.pid)}`,
    command: "npx fairway",
  };
}

export async function deploy(version: string, context: ReleaseContext) {
  const migrations = ["1_init", ...(version === "v1" ? [] : ["2_reviews"])];
  return release(
    {
      release: { ...releaseOf(version, service({ variables: { GREETING: version } })), migrations },
      migrations: migrations.map((name) => ({ name, phase: "expand" })),
      smoke: [{ service: "api", path: "/", status: 200, contains: null }],
      tags: [{ image: "127.0.0.1:5000/matrix/api@sha256:0", tag: version }],
      standIns: [],
      after: (await readState(context)).lastChange,
    },
    context,
  );
}

function killedAt(write: number, when: string) {
  return (ledger: Ledger): Ledger => {
    let writes = 0;
    return {
      ...ledger,
      append: async (event, lease) => {
        writes += 1;
        if (writes === write && when === "before") process.kill(process.pid, "SIGKILL");
        const appended = await ledger.append(event, lease);
        if (writes === write) process.kill(process.pid, "SIGKILL");
        return appended;
      },
    };
  };
}

const [directory, version, write, when] = process.argv.slice(2);
if (import.meta.main && directory !== undefined && version !== undefined) {
  await deploy(version, await contextIn(directory, killedAt(Number(write), when ?? "")));
  process.exit(0);
}
