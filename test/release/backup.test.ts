import { beforeEach, describe, expect, it } from "vitest";
import { failure, held, type FairwayError } from "../../src/model/errors.ts";
import type { BackupPolicy } from "../../src/release/backup/policy.ts";
import {
  abort,
  makePlan,
  readState,
  restore,
  resume,
  rollBack,
  stopEnvironment,
  type Candidate,
  type ReleaseContext,
} from "../../src/release/release.ts";
import { planText } from "../../src/report/plan.ts";
import { failureOf } from "../support/failure-of.ts";
import { executors } from "../../src/testing/testing.ts";
import { candidateOf, expanding, releaseOf } from "../support/releases.ts";
import { simulationForEachTest } from "../support/simulation/each-test.ts";

const local: BackupPolicy = { before: "migrations", keep: 3, script: null, restoreScript: null };
const byScript: BackupPolicy = {
  before: "migrations",
  keep: null,
  script: "db:backup",
  restoreScript: "db:restore",
};

const here = simulationForEachTest(({ database, backups }) => ({
  backups,
  backupPolicy: local,
  // What was begun was not done.
  executors: executors({ ...database.executors, migrationState: async () => "not done" }),
}));
const { context, deploy } = here;

/** A version whose code has these migrations. */
const candidate = (version: string, ...names: readonly string[]) =>
  candidateOf(version, {
    release: { ...releaseOf(version), migrations: names },
    migrations: expanding(...names),
  });

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
    here.backups.fails = failure("there is no space", { code: "DISK_FULL" });
    const error = await failureOf(deploy(candidate("v2", "1", "2")));
    expect(error).toMatchObject({ code: "DISK_FULL", exitCode: 1 });
    expect(error.message).toContain("Nothing was changed");
    expect(here.database.migrations).toEqual(["1"]);
    expect((await readState(context())).backups).toEqual([]);
  });

  it("that was cut off is made again when the deployment is resumed", async () => {
    await deploy(candidate("v1", "1"));
    await cutOff(deploy(candidate("v2", "1", "2"), context({ signal: interrupting("backup") })));
    expect((await readState(context())).backups).toEqual([]);
    await resume(context(), { answer: null });
    expect(here.backups.made).toEqual(["local-2", "local-2"]);
    const state = await readState(context());
    expect(state.backups.map(({ id }) => id)).toEqual(["local-2"]);
    expect(state.live?.release.version).toBe("v2");
  });

  it("is not made twice by a deployment that was cut off after it", async () => {
    await deploy(candidate("v1", "1"));
    await cutOff(deploy(candidate("v2", "1", "2"), context({ signal: interrupting("replica") })));
    await resume(context(), { answer: null });
    expect(here.backups.made).toEqual(["local-2"]);
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
    await here.clock.advance(3 * 3_600_000);
  });

  it("brings back the data and the code of then, and the ledger's view of the migrations", async () => {
    const outcome = await restore(context(), confirmed);
    expect(outcome).toMatchObject({ kind: "released", plan: { action: "restore" } });
    expect(here.backups.restored).toEqual(["local-2"]);
    expect(Object.values(here.target.serving())).toEqual(["v1", "v1", "v1", "v1"]);
    const state = await readState(context());
    expect(state.live?.release.version).toBe("v1");
    expect(state.appliedMigrations).toEqual(expanding("1"));
    expect(state.line.map(({ release: { version } }) => version)).toEqual(["v1"]);
    expect(await stepsOf(candidate("v2", "1", "2"))).toContain("migrate");
  });

  it("starts every replica anew, also those that run the release of then already", async () => {
    await rollBack(context(), { reason: "slow" });
    const started: string[] = [];
    here.target.onOperation = (title) => void started.push(title);
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
    expect(here.backups.restored).toEqual([]);
  });

  it("of an unknown backup lists those that there are; of one that is gone from the machine, the others", async () => {
    const unknown = await failureOf(restore(context(), { ...confirmed, backup: "local-9" }));
    expect(unknown).toMatchObject({ code: "BACKUP_UNKNOWN", exitCode: 2 });
    expect(unknown.remedy).toContain("local-2, of 2026-03-02 09:00:00 UTC, when v1 was live");
    here.backups.gone.add("local-2");
    expect(await failureOf(restore(context(), confirmed))).toMatchObject({ code: "NO_BACKUP" });
  });

  it("is what a rollback that is impossible names, where a backup is from before the migration", async () => {
    const contract: Candidate = {
      ...candidate("v3", "1", "2", "3"),
      migrations: [...expanding("1", "2"), { name: "3", phase: "contract" }],
    };
    // Let through by nobody here: as an older ledger may have it.
    await ledgerHas(contract);
    const error = await failureOf(rollBack(context(), { reason: "slow" }));
    expect(error).toMatchObject({ code: "ROLLBACK_IMPOSSIBLE" });
    expect(error.remedy).toContain("npx fairway restore --env local --backup local-2");
  });

  it("that was cut off is gone on with: what it put in place is asked, and every replica is started after it", async () => {
    await cutOff(restore(context({ signal: interrupting("restore") }), confirmed));
    expect(Object.values(here.target.serving())).toEqual(["v2", "v2", "v2", "v2"]);
    await resume(context(), { answer: null });
    expect(here.backups.restored).toEqual(["local-2", "local-2"]);
    expect(Object.values(here.target.serving())).toEqual(["v1", "v1", "v1", "v1"]);
  });

  it("that was cut off is ended before anything else is deployed: nobody knows which migrations there are", async () => {
    await cutOff(restore(context({ signal: interrupting("restore") }), confirmed));
    const error = await failureOf(deploy(candidate("v3", "1", "2", "3")));
    expect(error).toMatchObject({ code: "RESTORE_UNFINISHED", exitCode: 3 });
    expect(error.remedy).toContain("npx fairway resume --env local");
    expect(here.database.migrations).toEqual(["1", "2"]);
    // What forgets it would let the next deploy through.
    const stopping = stopEnvironment(context(), { removeData: false });
    expect(await failureOf(stopping)).toMatchObject({ code: "RESTORE_UNFINISHED", exitCode: 3 });
    await stopEnvironment(context(), { removeData: true });
    expect((await readState(context())).appliedMigrations).toEqual([]);
  });

  it("of which nobody can tell whether it happened is asked about", async () => {
    await cutOff(restore(context({ signal: interrupting("restore") }), confirmed));
    here.backups.restoreState = async () => "unknown";
    expect(await failureOf(resume(context(), { answer: null }))).toMatchObject({ code: "OPERATION_UNKNOWN" });
    await resume(context(), { answer: "done" });
    expect(here.backups.restored).toEqual(["local-2"]);
    expect((await readState(context())).live?.release.version).toBe("v1");
  });

  it("that fails before the data is in place goes back to what was live", async () => {
    here.backups.fails = failure("no server starts on it", { code: "RESTORE_FAILED" });
    expect(await failureOf(restore(context(), confirmed))).toMatchObject({ exitCode: 4 });
    const state = await readState(context());
    expect(state.live?.release.version).toBe("v2");
    expect(state.appliedMigrations.map(({ name }) => name)).toEqual(["1", "2"]);
  });

  it("that came to its end after its caller is not gone back from: the database is another one", async () => {
    await cutOff(restore(context({ signal: interrupting("restore") }), confirmed));
    here.backups.restoreState = async () => "done";
    const ending = await abort(context(), { reason: "wrong backup" });
    expect(ending).toMatchObject({ code: "WAY_BACK_IMPOSSIBLE", exitCode: 5 });
    expect((ending as FairwayError).remedy).toContain("npx fairway restore --env local --backup local-3");
    const state = await readState(context());
    expect(state.appliedMigrations).toEqual(expanding("1"));
    await resume(context(), { answer: null });
    expect((await readState(context())).live?.release.version).toBe("v1");
  });

  it("that failed where nobody can tell what is there now is not gone back from; a person is asked", async () => {
    here.backups.restoreState = async () => "unknown";
    here.backups.fails = failure("the script db:restore failed", { code: "BACKUP_SCRIPT_FAILED" });
    const started: string[] = [];
    here.target.onOperation = (title) => void started.push(title);
    const error = await failureOf(restore(context(), confirmed));
    expect(error).toMatchObject({ code: "WAY_BACK_UNKNOWN", exitCode: 5 });
    expect(error.remedy).toContain("npx fairway resume --env local --answer done");
    expect(started).toEqual([]);
    expect(await failureOf(resume(context(), { answer: null }))).toMatchObject({ code: "OPERATION_UNKNOWN" });
    expect(await abort(context(), { reason: "" })).toMatchObject({ code: "WAY_BACK_UNKNOWN" });
    here.backups.fails = null;
    await resume(context(), { answer: "not done" });
    expect((await readState(context())).live?.release.version).toBe("v1");
  });

  it("whose release does not start is not gone back from to code that expects another database", async () => {
    here.target.broken.add("v1");
    const error = await failureOf(restore(context(), confirmed));
    expect(error).toMatchObject({ code: "WAY_BACK_IMPOSSIBLE", exitCode: 5 });
    expect(error.remedy).toContain("npx fairway restore --env local --backup local-3");
    here.target.broken.clear();
    await resume(context(), { answer: null });
    expect((await readState(context())).live?.release.version).toBe("v1");
    expect(here.backups.restored).toEqual(["local-2"]);
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

/** As a user's Ctrl-C in the middle of what begins with this name. */
function interrupting(what: "backup" | "restore" | "replica"): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    controller.abort(new Error("interrupted by the user"));
  };
  here.backups.onBegun = (begun) => {
    if (begun === what) stop();
    here.backups.onBegun = () => undefined;
  };
  if (what === "replica") {
    here.target.onOperation = () => {
      here.target.onOperation = () => undefined;
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
  await here.ledger.append({
    ...common,
    type: "deployment-started",
    payload: { action: "deploy", release: it, planHash: "", plan, reason: null } as never,
  });
  const operation = { kind: "migrate", migrations: migrations.slice(2) };
  await here.ledger.append({
    ...common,
    type: "operation-finished",
    payload: { index: 0, wayBack: false, operation, observed: "" } as never,
  });
  await here.ledger.append({ ...common, type: "deployment-succeeded", payload: {} });
}
