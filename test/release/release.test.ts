import { beforeEach, describe, expect, it } from "vitest";
import { firstBrokenEvent } from "../../src/model/event-chain.ts";
import { titleOf } from "../../src/release/apply/apply.ts";
import { planText } from "../../src/report/plan.ts";
import {
  makePlan,
  planRollback,
  readState,
  release,
  rollBack,
  stopEnvironment,
  type Candidate,
  type ReleaseContext,
} from "../../src/release/release.ts";
import type { PlannedMigration } from "../../src/model/plan.ts";
import type { Ledger } from "../../src/model/ledger.ts";
import { failureOf } from "../support/failure-of.ts";
import { candidateOf, everySlot, releaseOf } from "../support/releases.ts";
import { simulationForEachTest } from "../support/simulation/each-test.ts";
import { virtualClock } from "../../src/testing/testing.ts";

const here = simulationForEachTest();
const { context, deploy } = here;

describe("a release", () => {
  it("replaces each replica and is then what the ledger calls live", async () => {
    await deploy(candidateOf("v1"), context());
    expect(here.target.serving()).toEqual(everySlot("v1"));
    expect((await readState(context())).live?.release.version).toBe("v1");
  });

  it("that changes nothing says so and writes nothing", async () => {
    await deploy(candidateOf("v1"), context());
    const before = (await here.ledger.read()).length;
    const outcome = await deploy(candidateOf("v1"), context());
    expect(outcome.kind).toBe("nothing to do");
    expect((await here.ledger.read()).length).toBe(before);
  });

  it("of one service is done, too, when the others still run an older version of the same", async () => {
    await deploy(candidateOf("v1"), context());
    const [api] = releaseOf("v1").services;
    const [, web] = releaseOf("v2").services;
    const second = candidateOf("v2", { release: { ...releaseOf("v2"), services: [api!, web!] } });
    await deploy(second, context());
    const slots = { "api/0": "v1", "api/1": "v1", "web/0": "v2", "web/1": "v2" };
    expect(here.target.serving()).toEqual(slots);
    expect(await deploy(second, context())).toMatchObject({ kind: "nothing to do" });
    expect(here.target.serving()).toEqual(slots);
  });

  it("whose limits alone are others rolls the replicas, and a plan without limits has no word of them", async () => {
    await deploy(candidateOf("v1"), context());
    const operations: string[] = [];
    here.target.onOperation = (title) => void operations.push(title);
    const [api, web] = releaseOf("v1").services;
    const limited = [{ ...api!, limits: { cpus: 0.5, memoryMiB: 512 } }, web!];
    const outcome = await deploy(
      candidateOf("v2", { release: { ...releaseOf("v2"), services: limited } }),
      context(),
    );
    expect(operations).toEqual(["replace-replica api/0", "replace-replica api/1"]);
    expect(JSON.stringify(outcome.plan.from)).not.toContain("limits");
    expect(planText(outcome.plan, "", { gates: [], evidence: [] })).toMatch(
      /limits\n +api +0\.5 CPU, 512 MiB of memory\n/,
    );
  });

  it("applies a migration once, before any replica", async () => {
    const order: string[] = [];
    here.target.onOperation = (title) => void order.push(title);
    const migrations = [{ name: "1_init", phase: "expand" as const }];
    const executors: ReleaseContext["executors"] = {
      ...context().executors,
      migrate: async () => {
        order.push("migrate");
        return { observed: "applied" };
      },
    };
    await deploy(candidateOf("v1", { migrations }), context({ executors }));
    await deploy(candidateOf("v2", { migrations }), context({ executors }));
    expect(order.filter((step) => step === "migrate")).toHaveLength(1);
    expect(order[0]).toBe("migrate");
  });

  it("starts a service after those that it needs", async () => {
    const order: string[] = [];
    here.target.onOperation = (title) => void order.push(title);
    const release1 = releaseOf("v1", ["web", "api"]);
    const services = release1.services.map((service) =>
      service.name === "web" ? { ...service, needs: ["api"] } : service,
    );
    await deploy(candidateOf("v1", { release: { ...release1, services } }), context());
    expect(order.map((step) => step.split(" ")[1]?.split("/")[0])).toEqual(["api", "api", "web", "web"]);
  });

  it("with fewer replicas than before removes the surplus, last slot first", async () => {
    await deploy(candidateOf("v1"), context());
    await deploy(candidateOf("v2", { release: releaseOf("v2", ["api", "web"], { replicas: 1 }) }), context());
    expect(here.target.serving()).toEqual({ "api/0": "v2", "web/0": "v2" });
  });

  it("that fails in its second replica goes back, exits 4 and says what is live", async () => {
    await deploy(candidateOf("v1"), context());
    let operations = 0;
    here.target.onOperation = () => {
      if (++operations === 2) throw new Error("api/1 did not become ready");
    };
    const error = await failureOf(deploy(candidateOf("v2"), context()));
    expect(error).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
    expect(error.message).toContain("v1 is live in local");
    expect(here.target.serving()).toEqual(everySlot("v1"));
    expect((await readState(context())).deployments.at(-1)?.outcome).toBe("rolled back");
  });

  it("of a commit with the same images that is not proven changes nothing, and history says so", async () => {
    await deploy(candidateOf("v1"), context());
    here.target.smokeFails = true;
    const same = { ...releaseOf("v1"), version: "v1-docs" };
    const error = await failureOf(
      deploy(candidateOf("v1-docs", { release: same, leadsOn: true }), context()),
    );
    expect(error).toMatchObject({ exitCode: 1 });
    expect(error.message).toMatch(/Nothing was changed\.$/);
    expect((await readState(context())).deployments.at(-1)?.outcome).toBe("nothing changed");
  });

  it("touches one service of two: its way back touches no other", async () => {
    await deploy(candidateOf("v1"), context());
    const [api] = releaseOf("v1").services;
    const [, web] = releaseOf("v2").services;
    const half = { ...releaseOf("v2"), services: [api!, web!] };
    const { plan } = await deploy(candidateOf("v2", { release: half }), context());
    expect(plan.wayBack.operations.map(titleOf)).toEqual([
      "web 1: start v1, then drain what it replaces",
      "web 2: start v1, then drain what it replaces",
    ]);
  });

  it("that is the first and fails leaves nothing running", async () => {
    here.target.smokeFails = true;
    const error = await failureOf(deploy(candidateOf("v1"), context()));
    expect(error).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
    expect(here.target.serving()).toEqual({});
    expect((await readState(context())).live).toBeNull();
  });

  it("whose way back fails too exits 5 and names both reasons", async () => {
    await deploy(candidateOf("v1"), context());
    here.target.broken.add("v1");
    here.target.smokeFails = true;
    const error = await failureOf(deploy(candidateOf("v2"), context()));
    expect(error).toMatchObject({ code: "WAY_BACK_FAILED", exitCode: 5 });
    expect(error.message).toMatch(/answered 500.*did not become ready/);
  });

  it("that is interrupted stops before the next operation, exits 5, and the next deploy finishes", async () => {
    await deploy(candidateOf("v1"), context());
    const interrupt = new AbortController();
    here.target.onOperation = (title) => {
      if (title === "replace-replica web/0") interrupt.abort(new Error("SIGINT"));
    };
    const error = await failureOf(deploy(candidateOf("v2"), context({ signal: interrupt.signal })));
    expect(error).toMatchObject({ code: "INTERRUPTED", exitCode: 5 });
    expect(here.target.serving()).toEqual({ "api/0": "v2", "api/1": "v2", "web/0": "v1", "web/1": "v1" });

    here.target.onOperation = () => undefined;
    const operations: string[] = [];
    here.target.onOperation = (title) => void operations.push(title);
    await deploy(candidateOf("v2"), context());
    expect(operations).toEqual(["replace-replica web/0", "replace-replica web/1"]);
    expect((await readState(context())).deployments.map((deployment) => deployment.outcome)).toEqual([
      "succeeded",
      "abandoned",
      "succeeded",
    ]);
  });
});

describe("a secret whose value alone has changed", () => {
  const withSecret = (version: string) =>
    candidateOf(version, { release: releaseOf(version, ["api"], { secretNames: ["TOKEN"] }) });
  const rotated = () => context({ secrets: { TOKEN: "canary-new" } });

  beforeEach(async () => {
    await deploy(withSecret("v1"), context({ secrets: { TOKEN: "canary-old" } }));
  });

  it("rolls the replicas that have the old one, and then there is nothing to do", async () => {
    const operations: string[] = [];
    here.target.onOperation = (title) => void operations.push(title);
    const outcome = await deploy(withSecret("v1"), rotated());
    expect(operations).toEqual(["replace-replica api/0", "replace-replica api/1"]);
    expect(outcome).toMatchObject({
      kind: "released",
      plan: { operations: [{ changedSecrets: ["TOKEN"] }, { changedSecrets: ["TOKEN"] }, { kind: "smoke" }] },
    });
    expect(planText(outcome.plan, "", { gates: [], evidence: [] })).toContain("(secrets changed: TOKEN)");
    expect(await deploy(withSecret("v1"), rotated())).toMatchObject({ kind: "nothing to do" });
    expect(JSON.stringify(await here.ledger.read())).not.toContain("canary");
  });

  it("is rolled to the end by the next deploy when the first was cut off", async () => {
    const interrupt = new AbortController();
    here.target.onOperation = (title) => {
      if (title.endsWith("api/1")) interrupt.abort(new Error("SIGINT"));
    };
    await failureOf(deploy(withSecret("v1"), { ...rotated(), signal: interrupt.signal }));
    const operations: string[] = [];
    here.target.onOperation = (title) => void operations.push(title);
    await deploy(withSecret("v1"), rotated());
    expect(operations).toEqual(["replace-replica api/1"]);
  });

  it("cannot be taken back, and a failed deploy says so", async () => {
    here.target.smokeFails = true;
    const error = await failureOf(deploy(withSecret("v1"), rotated()));
    expect(error).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
    expect(error.message).toContain("the former value of TOKEN: it is kept nowhere");
  });
});

describe("a database whose data is gone", () => {
  const needs = { services: [], postgres: "18" };

  it("is not begun anew: nothing is changed, and what to type is said", async () => {
    await deploy(candidateOf("v1"), context());
    const before = await here.ledger.read();
    const observe = here.target.observe.bind(here.target);
    here.target.observe = async () => ({
      ...(await observe()),
      database: { running: false, version: "18", lostData: "/data/18" },
    });
    const error = await failureOf(deploy(candidateOf("v2"), context({ needs })));
    expect(error).toMatchObject({ code: "DATABASE_LOST", exitCode: 3, place: "/data/18" });
    expect(error.remedy).toContain("npx fairway down --env local --remove-data");
    expect(await here.ledger.read()).toEqual(before);
    expect(here.target.serving()).toEqual(everySlot("v1"));
  });

  it("is not begun anew where the target has forgotten it and the ledger has not", async () => {
    const migrations = [{ name: "1_init", phase: "expand" as const }];
    await deploy(candidateOf("v1", { migrations }), context({ needs }));
    const error = await failureOf(deploy(candidateOf("v2", { migrations }), context({ needs })));
    expect(error).toMatchObject({ code: "DATABASE_LOST", exitCode: 3 });
    await stopEnvironment(context({ needs }), { removeData: true });
    await deploy(candidateOf("v2", { migrations }), context({ needs }));
    expect(here.database.migrations).toEqual(["1_init", "1_init"]);
  });
});

describe("two releases at once", () => {
  it("are refused but for one, with the name of who is at work", async () => {
    const first = await here.ledger.acquire({
      environment: "local",
      holder: "grace@ci",
      purpose: "deploy of v9",
      ttlSeconds: 30,
    });
    expect(first.granted).toBe(true);
    const error = await failureOf(deploy(candidateOf("v1"), context()));
    expect(error).toMatchObject({ code: "LEASE_HELD", exitCode: 3 });
    expect(error.message).toContain("grace@ci is running a deploy of v9");
  });

  it("go on when the lease of a dead holder has ended", async () => {
    await here.ledger.acquire({
      environment: "local",
      holder: "grace@ci",
      purpose: "deploy",
      ttlSeconds: 30,
    });
    await here.clock.advance(31_000);
    await deploy(candidateOf("v1"), context());
    expect(here.target.serving()).toEqual(everySlot("v1"));
  });

  it("cannot both write: a holder that slept too long is refused by the ledger", async () => {
    let slept = false;
    here.target.onOperation = async () => {
      if (slept) return;
      slept = true;
      await here.clock.advance(31_000);
      await here.ledger.acquire({
        environment: "local",
        holder: "grace@ci",
        purpose: "deploy",
        ttlSeconds: 30,
      });
    };
    // This process is paused: the time goes on for everybody else.
    const paused = context({ clock: virtualClock() });
    const error = await failureOf(deploy(candidateOf("v1"), paused));
    expect(error.exitCode).toBe(5);
    expect((await readState(context())).live).toBeNull();
  });
});

describe("a rollback", () => {
  it("brings back the release before the live one, and its own undo is a deploy", async () => {
    await deploy(candidateOf("v1"), context());
    await deploy(candidateOf("v2"), context());
    await rollBack(context(), { reason: "slow" });
    expect(here.target.serving()).toEqual(everySlot("v1"));
    const state = await readState(context());
    expect(state.live?.release.version).toBe("v1");
    expect(state.deployments.at(-1)).toMatchObject({
      action: "rollback",
      reason: "slow",
      outcome: "succeeded",
    });
  });

  it("never returns to a release that failed", async () => {
    await deploy(candidateOf("v1"), context());
    here.target.broken.add("v2");
    await failureOf(deploy(candidateOf("v2"), context()));
    await deploy(candidateOf("v3"), context());
    await rollBack(context(), { reason: "" });
    expect(here.target.serving()).toEqual(everySlot("v1"));
  });

  it("goes further back to a release that is named, by its version or its deployment", async () => {
    for (const version of ["v1", "v2", "v3", "v4"]) await deploy(candidateOf(version), context());
    await rollBack(context(), { reason: "", to: "local-2" });
    expect(here.target.serving()).toEqual(everySlot("v2"));
    await rollBack(context(), { reason: "", to: "v1" });
    expect(here.target.serving()).toEqual(everySlot("v1"));
    // What was gone back from is no place to go back to.
    const error = await failureOf(rollBack(context(), { reason: "", to: "v3" }));
    expect(error).toMatchObject({ code: "RELEASE_UNKNOWN", exitCode: 2 });
  });

  it("twice goes back twice, not forth", async () => {
    for (const version of ["v1", "v2", "v3"]) await deploy(candidateOf(version), context());
    await rollBack(context(), { reason: "" });
    await rollBack(context(), { reason: "" });
    expect(here.target.serving()).toEqual(everySlot("v1"));
  });

  it("of the first release is refused with the command that shows the history", async () => {
    await deploy(candidateOf("v1"), context());
    const error = await failureOf(rollBack(context(), { reason: "" }));
    expect(error).toMatchObject({ code: "NOTHING_TO_ROLL_BACK", exitCode: 1 });
    expect(error.remedy).toBe("npx fairway history --env local");
  });
});

describe("what a rollback must not do", () => {
  it("is to return to a release that somebody went back from", async () => {
    for (const version of ["v1", "v2"]) await deploy(candidateOf(version), context());
    await rollBack(context(), { reason: "v2 is bad" });
    await deploy(candidateOf("v3"), context());
    await rollBack(context(), { reason: "" });
    expect(here.target.serving()).toEqual(everySlot("v1"));
  });

  it("is to go further back while the last deploy left a mixture: it settles on the live release", async () => {
    for (const version of ["v1", "v2"]) await deploy(candidateOf(version), context());
    const interrupt = new AbortController();
    here.target.onOperation = (title) => {
      if (title === "replace-replica api/1") interrupt.abort(new Error("SIGINT"));
    };
    await failureOf(deploy(candidateOf("v3"), context({ signal: interrupt.signal })));
    here.target.onOperation = () => undefined;
    await rollBack(context(), { reason: "" });
    expect(here.target.serving()).toEqual(everySlot("v2"));
  });

  it("is to start anything where nothing is live", async () => {
    await deploy(candidateOf("v1"), context());
    await stopEnvironment(context(), { removeData: true });
    const error = await failureOf(rollBack(context(), { reason: "" }));
    expect(error.code).toBe("NOTHING_TO_ROLL_BACK");
  });

  it("is to use the newer release's smoke tests", async () => {
    const asked: string[] = [];
    const smoke = here.target.smoke.bind(here.target);
    here.target.smoke = async (checks, where) => {
      asked.push(...checks.map((check) => check.path));
      return smoke(checks, where);
    };
    await deploy(candidateOf("v1"), context());
    const added = [{ service: "web", path: "/new", status: 200, contains: null }];
    await deploy(candidateOf("v2", { smoke: added }), context());
    await rollBack(context(), { reason: "" });
    expect(asked).toEqual(["/", "/new", "/"]);
  });

  it("is to bring back code that a later migration may have broken", async () => {
    await deploy(candidateOf("v1"), context());
    await stopEnvironment(context(), { removeData: true });
    await deploy(candidateOf("v1"), context());
    const contract = [{ name: "2_drop", phase: "unknown" as const }];
    const error = await failureOf(deploy(candidateOf("v2", { migrations: contract }), context()));
    expect(error).toMatchObject({ code: "HELD_FOR_EVIDENCE", exitCode: 3 });
    expect(here.database.migrations).toEqual([]);
  });
});

describe("what was found out about a candidate", () => {
  it("does not count when somebody else has deployed meanwhile", async () => {
    await deploy(candidateOf("v1"), context());
    const before = (await readState(context())).lastChange;
    await deploy(candidateOf("v2"), context());
    const error = await failureOf(release({ ...candidateOf("v3"), after: before }, context()));
    expect(error).toMatchObject({ code: "PLAN_STALE", exitCode: 3 });
    expect(here.target.serving()).toEqual(everySlot("v2"));
  });

  it("must name a value for every secret that the way back needs", async () => {
    const withSecret = releaseOf("v1", ["api"], { secretNames: ["OLD_TOKEN"] });
    await deploy(candidateOf("v1", { release: withSecret }), context({ secrets: { OLD_TOKEN: "value" } }));
    const error = await failureOf(deploy(candidateOf("v2"), context()));
    expect(error).toMatchObject({ code: "SECRETS_MISSING", exitCode: 2 });
    expect(error.message).toContain("v1, the way back, needs a value for OLD_TOKEN");
  });
});

describe("a ledger that cannot be written", () => {
  it("does not hide why an operation failed", async () => {
    await deploy(candidateOf("v1"), context());
    const broken: Ledger = {
      ...here.ledger,
      append: async (event, lease) => {
        if (event.type.endsWith("-failed")) throw new Error("disk is full");
        return here.ledger.append(event, lease);
      },
    };
    here.target.broken.add("v2");
    const error = await failureOf(deploy(candidateOf("v2"), context({ ledger: broken })));
    expect(error).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
    expect(error.message).toContain("did not become ready");
  });

  it("does not undo a release that was proven", async () => {
    const broken: Ledger = {
      ...here.ledger,
      append: async (event, lease) => {
        if (event.type === "deployment-succeeded") throw new Error("database is locked");
        return here.ledger.append(event, lease);
      },
    };
    const error = await failureOf(deploy(candidateOf("v1"), context({ ledger: broken })));
    expect(error.exitCode).toBe(5);
    expect(here.target.serving()).toEqual(everySlot("v1"));
    expect(await deploy(candidateOf("v1"), context())).toMatchObject({ kind: "released" });
  });
});

describe("an environment that a cut-off deploy left unsettled", () => {
  async function cutOff(): Promise<void> {
    const nothingToProve = { smoke: [] };
    await deploy(candidateOf("v1", nothingToProve), context());
    const interrupt = new AbortController();
    here.target.onOperation = () => {
      interrupt.abort(new Error("SIGINT"));
    };
    await failureOf(deploy(candidateOf("v2", nothingToProve), context({ signal: interrupt.signal })));
    here.target.onOperation = () => undefined;
    expect((await readState(context())).unsettled?.outcome).toBe("interrupted");
  }

  it("is settled by a deploy of what is live, also when there is nothing left to do or to prove", async () => {
    await cutOff();
    await deploy(candidateOf("v1", { smoke: [] }), context());
    expect((await readState(context())).unsettled).toBeNull();
    expect(await deploy(candidateOf("v1", { smoke: [] }), context())).toMatchObject({
      kind: "nothing to do",
    });
  });

  it("is settled by a shutdown: nothing of it is left", async () => {
    await cutOff();
    await stopEnvironment(context(), { removeData: false });
    expect((await readState(context())).unsettled).toBeNull();
  });
});

describe("data that is removed", () => {
  it("is forgotten before it goes, so that a crash in between leaves no belief in it", async () => {
    const migrations = [{ name: "1_init", phase: "expand" as const }];
    await deploy(candidateOf("v1", { migrations }), context());
    here.target.stop = async () => Promise.reject(new Error("killed"));
    await failureOf(stopEnvironment(context(), { removeData: true }));
    await deploy(candidateOf("v1", { migrations }), context());
    expect(here.database.migrations).toEqual(["1_init", "1_init"]);
  });
});

describe("the ledger of a release", () => {
  it("is an unbroken chain, also through a failure and a shutdown", async () => {
    await deploy(candidateOf("v1"), context());
    here.target.smokeFails = true;
    await failureOf(deploy(candidateOf("v2"), context()));
    await stopEnvironment(context(), { removeData: false });
    expect(firstBrokenEvent(await here.ledger.read())).toBeNull();
    expect((await readState(context())).live).toBeNull();
  });
});

describe("a plan with a migration that is no plain expansion", () => {
  it("says beforehand that there is no way back from it, and not where nothing is live", async () => {
    const migrations = [{ name: "2_drop_stock", phase: "contract" as const }];
    const planOf = async (wanted: Candidate) => makePlan(wanted, await readState(context()), context());
    expect((await planOf(candidateOf("v1", { migrations }))).wayBack.impossible).toEqual([]);
    await deploy(candidateOf("v1"), context());
    const plan = await planOf(candidateOf("v2", { migrations }));
    expect(plan.wayBack.impossible).toEqual([
      "to go back once 2_drop_stock is applied: its phase is contract",
    ]);
    expect(planText(plan, "", { gates: [], evidence: [] })).toContain(
      "impossible: to go back once 2_drop_stock is applied",
    );
  });
});

describe("the phase of a migration", () => {
  const named = (name: string, phase: PlannedMigration["phase"], more: Partial<PlannedMigration> = {}) => [
    { name, phase, ...more },
  ];
  const migrate = (version: string, migrations: readonly PlannedMigration[]) =>
    deploy(
      candidateOf(version, {
        migrations,
        release: { ...releaseOf(version), migrations: migrations.map(({ name }) => name) },
      }),
      context(),
    );

  it("contract is applied where nobody who is live uses what it removes, and closes the way back past it", async () => {
    await migrate("v1", []);
    await migrate("v2", named("1_drop", "contract"));
    expect(here.database.migrations).toEqual(["1_drop"]);
    const error = await failureOf(rollBack(context(), { reason: "" }));
    expect(error).toMatchObject({ code: "ROLLBACK_IMPOSSIBLE", exitCode: 3 });
    expect(here.target.serving()).toEqual(everySlot("v2"));
  });

  it.each(["breaks", "unknown"] as const)("contract is held where live code %s", async (liveCode) => {
    await migrate("v1", []);
    const error = await failureOf(migrate("v2", named("1_drop", "contract", { liveCode })));
    expect(error).toMatchObject({ code: "HELD_FOR_EVIDENCE", exitCode: 3 });
    expect(here.database.migrations).toEqual([]);
  });

  it("contract comes alone", async () => {
    await migrate("v1", []);
    const both = [...named("1_add", "expand"), ...named("2_drop", "contract")];
    const error = await failureOf(migrate("v2", both));
    expect(error).toMatchObject({ code: "MIGRATION_NOT_ALONE", exitCode: 1 });
    expect(error.message).toContain(
      "2_drop removes what older code uses, and comes to local together with 1_add",
    );
    expect(here.database.migrations).toEqual([]);
    await migrate("v2", both.slice(0, 1));
    await migrate("v3", both);
    expect(here.database.migrations).toEqual(["1_add", "2_drop"]);
  });

  it("backfill leaves the way back open", async () => {
    await migrate("v1", []);
    await migrate("v2", named("1_fill", "backfill"));
    await rollBack(context(), { reason: "" });
    expect(here.target.serving()).toEqual(everySlot("v1"));
  });
});

describe("a commit with the images that are live already", () => {
  const same = (version: string, fields: Partial<Candidate> = {}) =>
    candidateOf(version, { ...fields, release: { ...releaseOf("v1"), version } });

  it("has nothing to do", async () => {
    await deploy(candidateOf("v1"), context());
    expect(await deploy(same("v2"), context())).toMatchObject({ kind: "nothing to do" });
  });

  it("is proven where it uses something else of the database, which has to be known", async () => {
    const uses = { tables: { users: ["id"] }, types: [], sql: [] };
    const recorded = same("v2");
    await deploy(candidateOf("v1"), context());
    const outcome = await deploy({ ...recorded, release: { ...recorded.release, uses } }, context());
    expect(outcome).toMatchObject({ kind: "released" });
    expect((await readState(context())).live?.release).toMatchObject({ version: "v2", uses });
  });

  it("is proven where other environments take from here what is, and stays what is live", async () => {
    await deploy(candidateOf("v1"), context());
    expect(await deploy(same("v2", { leadsOn: true }), context())).toMatchObject({ kind: "released" });
    expect((await readState(context())).live?.release.version).toBe("v2");
    expect(await deploy(same("v2", { leadsOn: true }), context())).toMatchObject({ kind: "nothing to do" });
    expect(here.target.serving()).toEqual(everySlot("v1"));
  });

  it("is no place to go back to: the release before is the last one that ran something else", async () => {
    await deploy(candidateOf("v1"), context());
    await deploy(candidateOf("v2"), context());
    const documents = { release: { ...releaseOf("v2"), version: "v3" }, leadsOn: true };
    expect(await deploy(candidateOf("v3", documents), context())).toMatchObject({ kind: "released" });
    const back = await rollBack(context(), { reason: "slow" });
    expect(back.plan.release.version).toBe("v1");
    expect(here.target.serving()).toEqual(everySlot("v1"));
  });

  it("takes the place of what is live and in no commit", async () => {
    await deploy(
      candidateOf("v1-dirty.0a1b2c3d", { release: { ...releaseOf("v1"), version: "v1-dirty.0a1b2c3d" } }),
      context(),
    );
    expect(await deploy(same("v2"), context())).toMatchObject({ kind: "released" });
    expect((await readState(context())).live?.release.version).toBe("v2");
  });
});

it("a rollback's plan from before the last deployment is stale, and says since what", async () => {
  await deploy(candidateOf("v1"), context());
  await deploy(candidateOf("v2"), context());
  const given = await planRollback(context(), { to: "" });
  await rollBack(context(), { reason: "slow", given });
  const again = await failureOf(rollBack(context(), { reason: "slow", given }));
  expect(again).toMatchObject({ code: "PLAN_STALE", exitCode: 3, place: "--plan" });
  expect(again.message).toContain("local has changed since the plan was made: local-3 of v1, by ada@laptop");
});
