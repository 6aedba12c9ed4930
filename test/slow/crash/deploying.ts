/**
 * Deploys a version to an environment, in a process of its own that kills itself at one write to the ledger: `before` it, or
 * right `after`.
 */
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock, type Clock } from "../../../src/model/clock.ts";
import type { Ledger } from "../../../src/model/ledger.ts";
import type { Release } from "../../../src/model/plan.ts";
import type { Target } from "../../../src/model/target.ts";
import { openGitLedger } from "../../../src/providers/ledgers/git/git.ts";
import { openSqliteLedger } from "../../../src/providers/ledgers/sqlite.ts";
import { gitopsTarget, type GitopsTargetOptions } from "../../../src/providers/targets/gitops/gitops.ts";
import { readState, release, type ReleaseContext } from "../../../src/release/release.ts";
import { processTarget, release as localRelease, service } from "../../providers/targets/local/fixtures.ts";
import { killedAt, type Moment } from "../../support/killed-at.ts";
import { releaseContext } from "../../support/release-context.ts";
import { releaseOf } from "../../support/releases.ts";

/** Where it deploys to, as data: what another process needs to go on with it. */
export interface Place {
  /** Has the state of a local target, the ledger, and a file that stands for the database. */
  readonly directory: string;
  readonly target: { readonly kind: "local" } | { readonly kind: "gitops"; readonly options: GitopsOptions };
  readonly ledger:
    { readonly kind: "sqlite" } | { readonly kind: "git"; readonly url: string; readonly token: string };
}

type GitopsOptions = Omit<GitopsTargetOptions, "clock">;

/** What a process is told: one that has no moment goes on until somebody else kills it. */
export interface Order {
  readonly place: Place;
  readonly version: string;
  readonly moment: Moment | null;
}

/** deployment-started, two events for each operation, deployment-succeeded. */
export const writesWith = (operations: number): number => 1 + 2 * operations + 1;

/** What a real deploy has: the target and the ledger are real, and a file stands for the database. */
export async function contextIn(
  place: Place,
  { clock = systemClock, moment = null }: { clock?: Clock; moment?: Moment | null } = {},
): Promise<ReleaseContext> {
  const ledger = await openLedger(place, clock);
  const database = databaseIn(place);
  return releaseContext({
    environment: place.target.kind === "local" ? "local" : "staging",
    ledger: moment === null ? ledger : killedAt(ledger, moment, kill),
    target: await openTarget(place),
    clock: systemClock,
    executors: {
      migrate: async ({ migrations }) => {
        for (const { name } of migrations) await appendFile(database, `${name}\n`);
        return { observed: "applied" };
      },
      migrationState: async ({ migrations }) => {
        const names = (await readFile(database, "utf8").catch(() => "")).split("\n");
        return migrations.every(({ name }) => names.includes(name)) ? "done" : "not done";
      },
      runScript: async () => ({ observed: "passed" }),
      tagImage: async () => undefined,
      probeDependency: async () => ({ verdict: "pass", says: "answered" }),
    },
    needs: { services: [{ name: "api", port: 3040 }], postgres: null },
    actor: `process-${String(process.pid)}`,
  });
}

export async function deploy(version: string, { target }: Place, context: ReleaseContext) {
  const migrations = ["1_init", ...(version === "v1" ? [] : ["2_reviews"])];
  return release(
    {
      release: { ...releaseTo(target.kind, version), migrations },
      migrations: migrations.map((name) => ({ name, phase: "expand" })),
      smoke: [{ service: "api", path: "/", status: 200, contains: null }],
      tags: [{ image: "127.0.0.1:5000/shop/api@sha256:0", tag: version }],
      standIns: [],
      after: (await readState(context)).lastChange,
    },
    context,
  );
}

export function databaseIn({ directory }: Place): string {
  return join(directory, "database.txt");
}

function releaseTo(kind: Place["target"]["kind"], version: string): Release {
  return kind === "gitops"
    ? releaseOf(version)
    : localRelease(version, service({ variables: { GREETING: version } }));
}

function openLedger({ ledger, directory }: Place, clock: Clock): Promise<Ledger> {
  return ledger.kind === "sqlite"
    ? openSqliteLedger(join(directory, "ledger.db"), clock)
    : openGitLedger({ ...ledger, clock, directory: join(directory, "seen") });
}

function openTarget({ target, directory }: Place): Promise<Target> {
  return target.kind === "local"
    ? processTarget(join(directory, "state"))
    : gitopsTarget({ ...target.options, clock: systemClock });
}

function kill(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => undefined);
}

const [given] = process.argv.slice(2);
if (import.meta.main && given !== undefined) {
  const { place, version, moment } = JSON.parse(given) as Order;
  await deploy(version, place, await contextIn(place, { moment }));
  process.exit(0);
}
