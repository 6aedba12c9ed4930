import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Ledger } from "../../src/model/ledger.ts";
import { openSqliteLedger } from "../../src/providers/ledgers/sqlite.ts";
import {
  abort,
  readState,
  release,
  resume,
  type Candidate,
  type ReleaseContext,
} from "../../src/release/release.ts";
import { failureOf } from "../support/failure-of.ts";
import { fakeTarget, type FakeTarget } from "../support/fake-target.ts";
import { killedAt, momentsOf } from "../support/killed-at.ts";
import { executors, releaseContext } from "../support/release-context.ts";
import { releaseOf } from "../support/releases.ts";
import { virtualClock, type VirtualClock } from "../support/virtual-clock.ts";

let directory: string;
let ledger: Ledger;
let target: FakeTarget;
let clock: VirtualClock;
let done: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-resume-"));
  clock = virtualClock();
  ledger = await openSqliteLedger(join(directory, "ledger.db"), clock);
  target = fakeTarget();
  done = [];
  target.onOperation = (title) => void done.push(title);
});

afterEach(async () => {
  await ledger.close();
  await rm(directory, { recursive: true });
});

const migrated = () => done.filter((title) => title.startsWith("migrate "));

const context = (fields: Partial<ReleaseContext> = {}): ReleaseContext =>
  releaseContext({
    ledger,
    target,
    clock,
    executors: executors({
      migrate: async ({ migrations }) => {
        done.push(...migrations.map(({ name }) => `migrate ${name}`));
        return { observed: "applied" };
      },
      migrationState: async ({ migrations }) =>
        migrations.every(({ name }) => done.includes(`migrate ${name}`)) ? "done" : "not done",
    }),
    ...fields,
  });

const expand = (name: string) => ({ name, phase: "expand" as const });

async function deploy(version: string, where: ReleaseContext) {
  const candidate: Candidate = {
    release: releaseOf(version),
    migrations: [expand("1_init"), ...(version === "v1" ? [] : [expand("2_reviews")])],
    smoke: [{ service: "web", path: "/", status: 200, contains: null }],
    tags: [{ image: "127.0.0.1:5000/shop/web@sha256:0", tag: version }],
    standIns: [],
    after: (await readState(where)).lastChange,
  };
  return release(candidate, where);
}

const everySlot = (version: string) => ({
  "api/0": version,
  "api/1": version,
  "web/0": version,
  "web/1": version,
});

/** deployment-started, then two events for each of seven operations, then deployment-succeeded. */
const writesOfADeploy = 1 + 2 * 7 + 1;

describe("a deploy that was killed", () => {
  it.each(momentsOf(writesOfADeploy))(
    "$when its write $write ends, resumed, as the one that nobody killed",
    async (position) => {
      await deploy("v1", context());
      done.length = 0;
      await failureOf(deploy("v2", context({ ledger: killedAt(ledger, position) })));
      await clock.advance(31_000);
      const cutOff = (await readState(context())).unsettled;
      const outcome = await resume(context(), { answer: null });
      if (cutOff === null) {
        // Nothing had begun, or all of it was written down.
        expect(outcome).toBeNull();
        expect(target.serving()).toEqual(everySlot(position.write === 1 ? "v1" : "v2"));
      } else {
        expect(outcome).toMatchObject({ kind: "released", deployment: cutOff.id });
        expect(target.serving()).toEqual(everySlot("v2"));
        expect((await readState(context())).live?.release.version).toBe("v2");
      }
      expect(migrated()).toHaveLength(outcome === null && position.write === 1 ? 0 : 1);
      expect(new Set(done).size).toBe(done.length);
      expect((await readState(context())).unsettled).toBeNull();
    },
  );

  it("twice, at two places, still ends as the one that nobody killed", async () => {
    await deploy("v1", context());
    for (let first = 2; first < writesOfADeploy; first += 3) {
      for (let second = 2; second < 8; second += 2) {
        const version = `v${String(first)}-${String(second)}`;
        await failureOf(
          deploy(version, context({ ledger: killedAt(ledger, { write: first, when: "after" }) })),
        );
        await clock.advance(31_000);
        await resume(context({ ledger: killedAt(ledger, { write: second, when: "before" }) }), {
          answer: null,
        }).catch(() => undefined);
        await clock.advance(31_000);
        await resume(context(), { answer: null });
        expect(target.serving()).toEqual(everySlot(version));
      }
    }
    expect(migrated()).toHaveLength(2);
  });

  it("is one deployment in the history, however often it was resumed", async () => {
    await deploy("v1", context());
    await failureOf(deploy("v2", context({ ledger: killedAt(ledger, { write: 6, when: "after" }) })));
    await clock.advance(31_000);
    await resume(context(), { answer: null });
    const { deployments } = await readState(context());
    expect(deployments.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      "local-1 succeeded",
      "local-2 succeeded",
    ]);
    expect(deployments[1]?.operations.map(({ state }) => state)).toEqual(Array(7).fill("done"));
  });

  it("on its way back goes on going back, and exits 4", async () => {
    await deploy("v1", context());
    target.smokeFails = true;
    // Up to the smoke test and its failure, then two events of the way back.
    const error = await failureOf(
      deploy("v2", context({ ledger: killedAt(ledger, { write: 1 + 2 * 6 + 3, when: "after" }) })),
    );
    expect(error.exitCode).toBe(5);
    await clock.advance(31_000);
    expect(await failureOf(resume(context(), { answer: null }))).toMatchObject({ code: "ROLLED_BACK" });
    expect(target.serving()).toEqual(everySlot("v1"));
    expect((await readState(context())).live?.release.version).toBe("v1");
  });

  it("can be taken back instead", async () => {
    await deploy("v1", context());
    await failureOf(deploy("v2", context({ ledger: killedAt(ledger, { write: 7, when: "after" }) })));
    await clock.advance(31_000);
    const ending = await abort(context(), { reason: "wrong day" });
    expect(ending).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
    expect((ending as Error).message).toContain("aborted by ada@laptop: wrong day");
    expect(target.serving()).toEqual(everySlot("v1"));
    expect(await abort(context(), { reason: "" })).toBeNull();
  });
});

describe("a deploy that runs", () => {
  it("stops at its next safe point and goes back when somebody asks for that", async () => {
    await deploy("v1", context());
    target.onOperation = async (title) => {
      if (title !== "replace-replica api/1") return;
      target.onOperation = () => undefined;
      const answer = await abort(context({ actor: "grace@phone" }), { reason: "wrong day" });
      expect(answer).toMatchObject({ deployment: "local-2", asked: { holder: "ada@laptop" } });
      await clock.advance(5_000);
      // The watch reads the ledger in its own time.
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const error = await failureOf(deploy("v2", context()));
    expect(error).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
    expect(error.message).toContain("aborted by grace@phone: wrong day");
    expect(target.serving()).toEqual(everySlot("v1"));
  });
});

describe("an operation of which nobody can tell whether it happened", () => {
  const unknown = (): ReleaseContext => ({
    ...context(),
    executors: { ...context().executors, migrationState: async () => "unknown" },
  });

  beforeEach(async () => {
    await deploy("v1", context());
    // Its process died in the migration: begun, and no word of its end.
    await failureOf(deploy("v2", context({ ledger: killedAt(ledger, { write: 3, when: "before" }) })));
    await clock.advance(31_000);
    done.length = 0;
  });

  it("is asked, and meanwhile nothing is done", async () => {
    const before = await ledger.read();
    const error = await failureOf(resume(unknown(), { answer: null }));
    expect(error).toMatchObject({ code: "OPERATION_UNKNOWN", exitCode: 3 });
    expect(error.message).toContain("migrate the database: 2_reviews");
    expect(error.remedy).toContain("npx fairway resume --env local --answer not-done");
    expect(done).toEqual([]);
    expect(await ledger.read()).toEqual(before);
  });

  it("is left alone when a person has found it done, and done when not", async () => {
    await resume(unknown(), { answer: "done" });
    expect(migrated()).toEqual([]);
    expect(target.serving()).toEqual(everySlot("v2"));
  });

  it("is done when a person has found that it was not", async () => {
    await resume(unknown(), { answer: "not done" });
    expect(migrated()).toEqual(["migrate 2_reviews"]);
  });
});

it("what was done and is gone since, by a reboot, is done again", async () => {
  await deploy("v1", context());
  await failureOf(deploy("v2", context({ ledger: killedAt(ledger, { write: 1 + 2 * 4, when: "after" }) })));
  await clock.advance(31_000);
  const fresh = fakeTarget();
  await resume(context({ target: fresh }), { answer: null });
  expect(fresh.serving()).toEqual(everySlot("v2"));
  expect(migrated()).toHaveLength(2);
});
