import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Backups, MadeBackup } from "../../src/model/backup.ts";
import { failure, held, type FairwayError } from "../../src/model/errors.ts";
import type { Ledger } from "../../src/model/ledger.ts";
import type { PlannedMigration } from "../../src/model/plan.ts";
import { openSqliteLedger } from "../../src/providers/ledgers/sqlite.ts";
import type { BackupPolicy } from "../../src/release/backup/policy.ts";
import {
  abort,
  makePlan,
  readState,
  release,
  restore,
  resume,
  rollBack,
  stopEnvironment,
  type Candidate,
  type ReleaseContext,
} from "../../src/release/release.ts";
import { planText } from "../../src/report/plan.ts";
import { failureOf } from "../support/failure-of.ts";
import { fakeTarget, type FakeTarget } from "../support/fake-target.ts";
import { executors, releaseContext } from "../support/release-context.ts";
import { releaseOf } from "../support/releases.ts";
import { virtualClock, type VirtualClock } from "../support/virtual-clock.ts";

let directory: string;
let ledger: Ledger;
let target: FakeTarget;
let clock: VirtualClock;
let backups: FakeBackups;
/** The migrations that the database has. */
let database: readonly string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-backup-"));
  clock = virtualClock();
  ledger = await openSqliteLedger(join(directory, "ledger.db"), clock);
  target = fakeTarget();
  backups = fakeBackups();
  database = [];
});

afterEach(async () => {
  await ledger.close();
  await rm(directory, { recursive: true });
});

const local: BackupPolicy = { before: "migrations", keep: 3, script: null, restoreScript: null };
const byScript: BackupPolicy = {
  before: "migrations",
  keep: null,
  script: "db:backup",
  restoreScript: "db:restore",
};

const context = (fields: Partial<ReleaseContext> = {}): ReleaseContext =>
  releaseContext({
    ledger,
    target,
    clock,
    backups,
    backupPolicy: local,
    executors: executors({
      migrate: async ({ migrations }) => {
        database = [...database, ...migrations.map(({ name }) => name)];
        return { observed: "applied" };
      },
      migrationState: async () => "not done",
    }),
    ...fields,
  });

const expand = (name: string): PlannedMigration => ({ name, phase: "expand" });

/** A version whose code has these migrations. */
const candidate = (version: string, ...names: readonly string[]): Candidate => ({
  release: { ...releaseOf(version), migrations: names },
  migrations: names.map(expand),
  smoke: [{ service: "web", path: "/", status: 200, contains: null }],
  tags: [],
  standIns: [],
  after: null,
});

async function deploy(wanted: Candidate, where = context()) {
  return release({ ...wanted, after: (await readState(where)).lastChange }, where);
}

async function stepsOf(wanted: Candidate, where = context()) {
  const { operations } = await makePlan(wanted, await readState(where), where);
  return operations.map(({ kind }) => kind);
}

const confirmed = { reason: "The addresses are gone", backup: "", confirm: true };

describe("a backup", () => {
  it("is made before a migration of a database that something has served from, and before nothing else", async () => {
    expect(await stepsOf(candidate("v1", "1"))).not.toContain("backup");
    await deploy(candidate("v1", "1"));
    expect((await stepsOf(candidate("v2", "1", "2"))).slice(0, 2)).toEqual(["backup", "migrate"]);
    expect(await stepsOf(candidate("v2", "1"))).not.toContain("backup");
  });

  it("is made before every deploy that changes something, where that is asked for", async () => {
    const every = context({ backupPolicy: { ...local, before: "every-deploy" } });
    await deploy(candidate("v1", "1"), every);
    expect((await stepsOf(candidate("v2", "1"), every))[0]).toBe("backup");
    expect(await stepsOf(candidate("v1", "1"), every)).toEqual([]);
  });

  it("of a database that is not Fairway's own is made before the first migration too", async () => {
    expect((await stepsOf(candidate("v1", "1"), context({ backupPolicy: byScript })))[0]).toBe("backup");
  });

  it("that nobody makes is named beside the migration, for whoever signs the plan", async () => {
    const without = context({ backupPolicy: null });
    await deploy(candidate("v1", "1"), without);
    const plan = await makePlan(candidate("v2", "1", "2"), await readState(without), without);
    expect(planText(plan, "sha256:0", { gates: [], evidence: [] })).toContain(
      "migrate the database: 2 (no backup)",
    );
  });

  it("is in the ledger with what it is of, and is known by the deployment's id", async () => {
    await deploy(candidate("v1", "1"));
    await deploy(candidate("v2", "1", "2"));
    const [kept] = (await readState(context())).backups;
    expect(kept).toMatchObject({
      id: "local-2",
      deployment: "local-2",
      sizeBytes: 41_000_000,
      migrations: [{ name: "1" }],
    });
    expect(kept?.of?.release.version).toBe("v1");
  });

  it("that fails changes nothing: no migration begins, and exit 1 says so", async () => {
    await deploy(candidate("v1", "1"));
    backups.fails = failure("there is no space", { code: "DISK_FULL" });
    const error = await failureOf(deploy(candidate("v2", "1", "2")));
    expect(error).toMatchObject({ code: "DISK_FULL", exitCode: 1 });
    expect(error.message).toContain("Nothing was changed");
    expect(database).toEqual(["1"]);
    expect((await readState(context())).backups).toEqual([]);
  });

  it("that was cut off is made again when the deployment is resumed", async () => {
    await deploy(candidate("v1", "1"));
    await cutOff(deploy(candidate("v2", "1", "2"), context({ signal: interrupting("backup") })));
    expect((await readState(context())).backups).toEqual([]);
    await resume(context(), { answer: null });
    expect(backups.made).toEqual(["local-2", "local-2"]);
    const state = await readState(context());
    expect(state.backups.map(({ id }) => id)).toEqual(["local-2"]);
    expect(state.live?.release.version).toBe("v2");
  });

  it("is not made twice by a deployment that was cut off after it", async () => {
    await deploy(candidate("v1", "1"));
    await cutOff(deploy(candidate("v2", "1", "2"), context({ signal: interrupting("replica") })));
    await resume(context(), { answer: null });
    expect(backups.made).toEqual(["local-2"]);
  });

  it("goes with the data that is removed", async () => {
    await deploy(candidate("v1", "1"));
    await deploy(candidate("v2", "1", "2"));
    await stopEnvironment(context(), { removeData: true });
    expect((await readState(context())).backups).toEqual([]);
  });
});

describe("a restore", () => {
  beforeEach(async () => {
    await deploy(candidate("v1", "1"));
    await deploy(candidate("v2", "1", "2"));
    await clock.advance(3 * 3_600_000);
  });

  it("brings back the data and the code of then, and the ledger's view of the migrations", async () => {
    const outcome = await restore(context(), confirmed);
    expect(outcome).toMatchObject({ kind: "released", plan: { action: "restore" } });
    expect(backups.restored).toEqual(["local-2"]);
    expect(Object.values(target.serving())).toEqual(["v1", "v1", "v1", "v1"]);
    const state = await readState(context());
    expect(state.live?.release.version).toBe("v1");
    expect(state.appliedMigrations).toEqual([expand("1")]);
    expect(state.line.map(({ release: { version } }) => version)).toEqual(["v1"]);
    expect(await stepsOf(candidate("v2", "1", "2"))).toContain("migrate");
  });

  it("starts every replica anew, also those that run the release of then already", async () => {
    await rollBack(context(), { reason: "slow" });
    const started: string[] = [];
    target.onOperation = (title) => void started.push(title);
    await restore(context(), confirmed);
    expect(started).toHaveLength(4);
  });

  it("keeps what it replaces, which can be restored in turn", async () => {
    await restore(context(), confirmed);
    const kept = (await readState(context())).backups.at(-1);
    expect(kept).toMatchObject({ id: "local-3", migrations: [{ name: "1" }, { name: "2" }] });
    await restore(context(), { ...confirmed, backup: "local-3" });
    expect((await readState(context())).live?.release.version).toBe("v2");
    expect((await readState(context())).appliedMigrations.map(({ name }) => name)).toEqual(["1", "2"]);
  });

  it("is done for no one who gives no reason, or does not confirm it; who is asked reads how old it is", async () => {
    expect(await failureOf(restore(context(), { ...confirmed, reason: " " }))).toMatchObject({
      code: "REASON_MISSING",
      exitCode: 2,
    });
    const error = await failureOf(restore(context(), { ...confirmed, confirm: false }));
    expect(error).toMatchObject({ code: "RESTORE_UNCONFIRMED", exitCode: 3 });
    expect(error.message).toContain("backup local-2 is 3 h old");
    expect(error.remedy).toContain("--backup local-2 --reason");
    expect(error.remedy).toContain("--confirm");
    expect(backups.restored).toEqual([]);
  });

  it("of an unknown backup lists those that there are; of one that is gone from the machine, the others", async () => {
    const unknown = await failureOf(restore(context(), { ...confirmed, backup: "local-9" }));
    expect(unknown).toMatchObject({ code: "BACKUP_UNKNOWN", exitCode: 2 });
    expect(unknown.remedy).toContain("local-2, of 2026-03-02 09:00:00 UTC, when v1 was live");
    backups.gone.add("local-2");
    expect(await failureOf(restore(context(), confirmed))).toMatchObject({ code: "NO_BACKUP" });
  });

  it("is what a rollback that is impossible names, where a backup is from before the migration", async () => {
    const contract: Candidate = {
      ...candidate("v3", "1", "2", "3"),
      migrations: [expand("1"), expand("2"), { name: "3", phase: "contract" }],
    };
    // Let through by nobody here: as an older ledger may have it.
    await ledgerHas(contract);
    const error = await failureOf(rollBack(context(), { reason: "slow" }));
    expect(error).toMatchObject({ code: "ROLLBACK_IMPOSSIBLE" });
    expect(error.remedy).toContain("npx fairway restore --env local --backup local-2");
  });

  it("that was cut off is gone on with: what it put in place is asked, and every replica is started after it", async () => {
    await cutOff(restore(context({ signal: interrupting("restore") }), confirmed));
    expect(Object.values(target.serving())).toEqual(["v2", "v2", "v2", "v2"]);
    await resume(context(), { answer: null });
    expect(backups.restored).toEqual(["local-2", "local-2"]);
    expect(Object.values(target.serving())).toEqual(["v1", "v1", "v1", "v1"]);
  });

  it("that was cut off is ended before anything else is deployed: nobody knows which migrations there are", async () => {
    await cutOff(restore(context({ signal: interrupting("restore") }), confirmed));
    const error = await failureOf(deploy(candidate("v3", "1", "2", "3")));
    expect(error).toMatchObject({ code: "RESTORE_UNFINISHED", exitCode: 3 });
    expect(error.remedy).toContain("npx fairway resume --env local");
    expect(database).toEqual(["1", "2"]);
    // What forgets it would let the next deploy through.
    const stopping = stopEnvironment(context(), { removeData: false });
    expect(await failureOf(stopping)).toMatchObject({ code: "RESTORE_UNFINISHED", exitCode: 3 });
    await stopEnvironment(context(), { removeData: true });
    expect((await readState(context())).appliedMigrations).toEqual([]);
  });

  it("of which nobody can tell whether it happened is asked about", async () => {
    await cutOff(restore(context({ signal: interrupting("restore") }), confirmed));
    backups.restoreState = async () => "unknown";
    expect(await failureOf(resume(context(), { answer: null }))).toMatchObject({ code: "OPERATION_UNKNOWN" });
    await resume(context(), { answer: "done" });
    expect(backups.restored).toEqual(["local-2"]);
    expect((await readState(context())).live?.release.version).toBe("v1");
  });

  it("that fails before the data is in place goes back to what was live", async () => {
    backups.fails = failure("no server starts on it", { code: "RESTORE_FAILED" });
    expect(await failureOf(restore(context(), confirmed))).toMatchObject({ exitCode: 4 });
    const state = await readState(context());
    expect(state.live?.release.version).toBe("v2");
    expect(state.appliedMigrations.map(({ name }) => name)).toEqual(["1", "2"]);
  });

  it("that came to its end after its caller is not gone back from: the database is another one", async () => {
    await cutOff(restore(context({ signal: interrupting("restore") }), confirmed));
    backups.restoreState = async () => "done";
    const ending = await abort(context(), { reason: "wrong backup" });
    expect(ending).toMatchObject({ code: "WAY_BACK_IMPOSSIBLE", exitCode: 5 });
    expect((ending as FairwayError).remedy).toContain("npx fairway restore --env local --backup local-3");
    const state = await readState(context());
    expect(state.appliedMigrations).toEqual([expand("1")]);
    await resume(context(), { answer: null });
    expect((await readState(context())).live?.release.version).toBe("v1");
  });

  it("that failed where nobody can tell what is there now is not gone back from; a person is asked", async () => {
    backups.restoreState = async () => "unknown";
    backups.fails = failure("the script db:restore failed", { code: "BACKUP_SCRIPT_FAILED" });
    const started: string[] = [];
    target.onOperation = (title) => void started.push(title);
    const error = await failureOf(restore(context(), confirmed));
    expect(error).toMatchObject({ code: "WAY_BACK_UNKNOWN", exitCode: 5 });
    expect(error.remedy).toContain("npx fairway resume --env local --answer done");
    expect(started).toEqual([]);
    expect(await failureOf(resume(context(), { answer: null }))).toMatchObject({ code: "OPERATION_UNKNOWN" });
    expect(await abort(context(), { reason: "" })).toMatchObject({ code: "WAY_BACK_UNKNOWN" });
    backups.fails = null;
    await resume(context(), { answer: "not done" });
    expect((await readState(context())).live?.release.version).toBe("v1");
  });

  it("whose release does not start is not gone back from to code that expects another database", async () => {
    target.broken.add("v1");
    const error = await failureOf(restore(context(), confirmed));
    expect(error).toMatchObject({ code: "WAY_BACK_IMPOSSIBLE", exitCode: 5 });
    expect(error.remedy).toContain("npx fairway restore --env local --backup local-3");
    target.broken.clear();
    await resume(context(), { answer: null });
    expect((await readState(context())).live?.release.version).toBe("v1");
    expect(backups.restored).toEqual(["local-2"]);
  });

  it("with scripts makes a backup of what is there first, but in an emergency", async () => {
    const kinds = async (where: ReleaseContext) => {
      await restore(where, { ...confirmed, backup: "local-2" });
      return (await readState(where)).deployments
        .at(-1)
        ?.plan.operations.slice(0, 2)
        .map(({ kind }) => kind);
    };
    const scripted = context({ backupPolicy: byScript });
    expect(await kinds(scripted)).toEqual(["backup", "restore"]);
    const emergency = { reason: "outage", ticket: "INC-1" };
    const { gating } = scripted;
    const policy = { ...gating.inForce.policy, emergency: { skips: [], approvals: null } };
    const urgent = { ...gating, emergency, inForce: { ...gating.inForce, policy } };
    expect((await kinds(context({ backupPolicy: byScript, gating: urgent })))?.[0]).toBe("restore");
  });
});

it("a migration that failed names the backup from before it", async () => {
  await deploy(candidate("v1", "1"));
  const failing = executors({
    migrate: async () => {
      throw held("a migration failed before", { code: "MIGRATION_FAILED_BEFORE" });
    },
  });
  const error = await failureOf(deploy(candidate("v2", "1", "2"), context({ executors: failing })));
  expect(error.remedy).toContain("npx fairway restore --env local --backup local-2");
});

interface FakeBackups extends Backups {
  readonly made: string[];
  readonly restored: string[];
  readonly gone: Set<string>;
  fails: Error | null;
  /** Called when one of them has begun. */
  onBegun: (what: string) => void;
}

function fakeBackups(): FakeBackups {
  const there = new Set<string>();
  const one = (id: string): MadeBackup => ({ id, reference: id, sizeBytes: 41_000_000 });
  const begin = (what: string, signal: AbortSignal) => {
    fake.onBegun(what);
    if (fake.fails !== null) throw fake.fails;
    signal.throwIfAborted();
  };
  const fake: FakeBackups = {
    made: [],
    restored: [],
    gone: new Set(),
    fails: null,
    onBegun: () => undefined,
    make: async ({ id }, { signal }) => {
      fake.made.push(id);
      begin("backup", signal);
      there.add(id);
      return { observed: `backup ${id}, 41 MB`, backup: one(id) };
    },
    restore: async ({ backup, deployment }, { signal }) => {
      fake.restored.push(backup);
      begin("restore", signal);
      there.add(deployment);
      return { observed: "restored", backup: one(deployment) };
    },
    restoreState: async () => "not done",
    list: async () => [...there].filter((id) => !fake.gone.has(id)),
  };
  return fake;
}

/** As a user's Ctrl-C in the middle of what begins with this name. */
function interrupting(what: "backup" | "restore" | "replica"): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    controller.abort(new Error("interrupted by the user"));
  };
  backups.onBegun = (begun) => {
    if (begun === what) stop();
    backups.onBegun = () => undefined;
  };
  if (what === "replica") {
    target.onOperation = () => {
      target.onOperation = () => undefined;
      stop();
    };
  }
  return controller.signal;
}

async function cutOff(work: Promise<unknown>): Promise<void> {
  expect(await failureOf(work)).toMatchObject({ exitCode: 5 });
}

/** A deployment that the rules of now would have held. */
async function ledgerHas({ release: it, migrations }: Candidate): Promise<void> {
  const common = { environment: "local", deployment: "local-3", actor: "ada@laptop" };
  const plan = { operations: [], release: it, from: null };
  await ledger.append({
    ...common,
    type: "deployment-started",
    payload: { action: "deploy", release: it, planHash: "", plan, reason: null } as never,
  });
  const operation = { kind: "migrate", migrations: migrations.slice(2) };
  await ledger.append({
    ...common,
    type: "operation-finished",
    payload: { index: 0, wayBack: false, operation, observed: "" } as never,
  });
  await ledger.append({ ...common, type: "deployment-succeeded", payload: {} });
}
