import { describe, expect, it } from "vitest";
import type { Traffic } from "../../../src/model/target.ts";
import {
  abort,
  readState,
  resume,
  type Candidate,
  type ReleaseContext,
} from "../../../src/release/release.ts";
import { failureOf } from "../../support/failure-of.ts";
import { executors, usualTimeouts } from "../../../src/testing/testing.ts";
import { candidateOf, expanding, releaseOf, tagOf } from "../../support/releases.ts";
import { simulationForEachTest } from "../../support/simulation/each-test.ts";

const watch = { seconds: 60, rollBackOn: ["health", "smoke"], reviewOn: null } as const;

const here = simulationForEachTest(() => ({ afterRelease: watch }));
const { context } = here;

/** Lets time pass, a second at a time, until the work has ended; `everySecond` is what happens meanwhile. */
async function passing<T>(
  work: Promise<T>,
  everySecond: (second: number) => void = () => undefined,
): Promise<T> {
  const ended = new AbortController();
  const end = () => {
    ended.abort();
  };
  work.then(end, end);
  for (let second = 0; !ended.signal.aborted; second += 1) {
    everySecond(second);
    await here.clock.advance(1000);
  }
  return work;
}

const deploy = (version: string, where: ReleaseContext, fields: Partial<Candidate> = {}) =>
  here.deploy(candidateOf(version, { tags: tagOf(version), ...fields }), where);

const versions = () => [...new Set(Object.values(here.target.serving()))];

const visitors = { counters: "first", origin: "visitors" } as const;

/** Counters that grow by this much each time they are read. */
function counting(each: { requests: number; failed: number; slow?: number }) {
  let reads = 0;
  here.target.traffic = async (): Promise<readonly Traffic[]> => {
    reads += 1;
    const { requests, failed, slow = 0 } = each;
    const latencies = [
      { overSeconds: 0, upToSeconds: 0.1, requests: (requests - slow) * reads },
      { overSeconds: 1, upToSeconds: 2.5, requests: slow * reads },
    ];
    return versions().map((version) => ({
      ...visitors,
      ...{ service: "web", version, latencies },
      ...{ requests: requests * reads, failed: failed * reads },
    }));
  };
}

describe("a release that serves", () => {
  it("is watched before it counts as proven, and only then do names move to it", async () => {
    const titles: string[] = [];
    const done = await passing(
      deploy("v1", context({ executors: executors({ tagImage: async () => void titles.push("tags") }) })),
      (second) => {
        if (second === 30) expect(titles).toEqual([]);
      },
    );
    expect(done).toMatchObject({ kind: "released" });
    expect(titles).toEqual(["tags"]);
    const [deployment] = (await readState(context())).deployments;
    expect(deployment!.operations.find(({ operation }) => operation.kind === "watch")).toMatchObject({
      state: "done",
      observed: "12 looks, all good at the end",
    });
  });

  it("whose names take too long to move is gone back from, and none of them moves afterwards", async () => {
    const moved: string[] = [];
    const tagImage = async ({ tag }: { readonly tag: string }) => {
      if (tag === "v2") await here.clock.sleep(700_000);
      moved.push(tag);
    };
    const where = context({ afterRelease: null, executors: executors({ tagImage }) });
    await deploy("v1", where);
    const image = "127.0.0.1:5000/shop/web@sha256:0";
    const tags = ["v2", "latest"].map((tag) => ({ image, tag }));
    const error = await failureOf(passing(deploy("v2", where, { tags })));
    expect(error).toMatchObject({ exitCode: 4 });
    await here.clock.advance(1_000_000);
    expect(moved).toEqual(["v1", "v2"]);
  });

  it("that cannot be looked at for a moment stays; one that nobody can look at goes", async () => {
    const observe = here.target.observe.bind(here.target);
    let looks = 0;
    here.target.observe = async (secrets) => {
      if (looks <= 0) return observe(secrets);
      looks -= 1;
      throw new Error("no route to host");
    };
    const failing = (times: number) => (second: number) => {
      if (second === 8) looks = times;
    };
    expect(await passing(deploy("v1", context()), failing(2))).toMatchObject({ kind: "released" });
    const error = await failureOf(passing(deploy("v2", context()), failing(3)));
    expect(error).toMatchObject({ code: "ROLLED_BACK" });
    expect(error.message).toContain("it cannot be looked at: no route to host");
  });

  it("whose counters cannot be read is for a person to judge", async () => {
    here.target.traffic = async () => Promise.reject(new Error("no route to host"));
    const reviewOn = { errorRatePercent: 5, p95Milliseconds: null };
    const where = context({ afterRelease: { ...watch, reviewOn } });
    const error = await failureOf(passing(deploy("v1", where)));
    expect(error).toMatchObject({ code: "REVIEW_NEEDED", exitCode: 3 });
  });

  it("may hiccup once", async () => {
    const done = await passing(deploy("v1", context()), (second) => {
      here.target.smokeFails = second >= 8 && second < 17;
    });
    expect(done).toMatchObject({ kind: "released" });
  });

  it("goes back by itself when its smoke checks fail three times in a row", async () => {
    await passing(deploy("v1", context()));
    const failed = await failureOf(
      passing(deploy("v2", context()), (second) => {
        here.target.smokeFails = second >= 20 && versions().includes("v2");
      }),
    );
    expect(failed).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
    expect(failed.message).toContain("after the release: GET / answered 500 (3 looks in a row)");
    expect(versions()).toEqual(["v1"]);
  });

  it("asks a smoke check once at each look: what is wrong three times is not waited for each time", async () => {
    const smoke = here.target.smoke.bind(here.target);
    const tries: unknown[] = [];
    here.target.smoke = async (checks, asking, side, asked) => {
      tries.push(asked);
      return smoke(checks, asking, side);
    };
    await passing(deploy("v1", context()));
    expect(tries.length).toBeGreaterThan(3);
    expect(tries.filter((one) => one !== "once")).toEqual([undefined]);
  });

  it("goes back when replicas are not ready any more", async () => {
    await passing(deploy("v1", context()));
    const observe = here.target.observe.bind(here.target);
    const failed = await failureOf(
      passing(deploy("v2", context()), (second) => {
        if (second !== 10) return;
        here.target.observe = async (secrets) => {
          const seen = await observe(secrets);
          const services = seen.services.map((service) => ({
            ...service,
            replicas: service.replicas.map((replica) =>
              replica.version === "v2"
                ? { ...replica, state: "unready" as const, inRotation: false }
                : replica,
            ),
          }));
          return { ...seen, services };
        };
      }),
    );
    expect(failed).toMatchObject({ exitCode: 4 });
    expect(failed.message).toMatch(/after the release: \d of \d replicas of (api|web) are ready/);
  });
});

describe("a release that exceeds a limit", () => {
  const limits = { errorRatePercent: 5, p95Milliseconds: 2000 };
  const reviewed = (fields: Partial<ReleaseContext> = {}) =>
    context({ afterRelease: { ...watch, reviewOn: limits }, ...fields });

  it.each([
    ["fails too often", { requests: 200, failed: 14 }, "7 % of 200 requests failed, and 5 % is the limit"],
    ["was asked nothing", { requests: 0, failed: 0 }, "no request of a visitor was counted"],
    [
      "may be too slow",
      { requests: 100, failed: 0, slow: 40 },
      "whether that is over 2000 ms cannot be told",
    ],
  ])("because it %s is live, exits 3 and waits for a person", async (_, each, why) => {
    counting(each);
    const held = await failureOf(passing(deploy("v1", reviewed())));
    expect(held).toMatchObject({ code: "REVIEW_NEEDED", exitCode: 3 });
    expect(held.message).toContain(why);
    expect(versions()).toEqual(["v1"]);
    expect((await readState(context())).unsettled).toMatchObject({ outcome: "in review" });
    expect((await readState(context())).live).toBeNull();
  });

  it("and keeps all of them needs nobody", async () => {
    counting({ requests: 200, failed: 3 });
    expect(await passing(deploy("v1", reviewed()))).toMatchObject({ kind: "released" });
  });

  it("stays when a person says so, without being watched again", async () => {
    counting({ requests: 200, failed: 14 });
    await failureOf(passing(deploy("v1", reviewed())));
    const asked = await failureOf(passing(resume(reviewed(), { answer: null })));
    expect(asked).toMatchObject({ code: "REVIEW_NEEDED", exitCode: 3 });
    expect(asked.message).toContain("7 % of 200 requests failed");
    const kept = await passing(resume(reviewed(), { answer: "done" }));
    expect(kept).toMatchObject({ kind: "released" });
    expect((await readState(context())).live?.release.version).toBe("v1");
    const [deployment] = (await readState(context())).deployments;
    const judged = deployment!.operations.find(({ operation }) => operation.kind === "watch");
    expect(judged?.observed).toBe("ada@laptop says that it is done");
  });

  it("is asked for by a service of which much fails, however well another one does", async () => {
    const { services } = releaseOf("v1");
    expect(services.length).toBeGreaterThan(1);
    let reads = 0;
    here.target.traffic = async () => {
      reads += 1;
      const counted = services.map(({ name }, index) => ({ service: name, failed: index === 0 ? 50 : 0 }));
      return counted.map(({ service, failed }) => {
        const requests = (failed > 0 ? 100 : 10_000) * reads;
        const latencies = [{ overSeconds: 0, upToSeconds: 0.1, requests }];
        return { ...visitors, service, version: "v1", requests, failed: failed * reads, latencies };
      });
    };
    const error = await failureOf(passing(deploy("v1", reviewed())));
    expect(error).toMatchObject({ code: "REVIEW_NEEDED", exitCode: 3 });
    expect(error.message).toContain(`${services[0]!.name}: 50 % of 100 requests failed`);
  });

  it("is not hidden by requests of Fairway's own; services that ask each other are judged by themselves", async () => {
    let reads = 0;
    const counted = (origin: Traffic["origin"], requests: number, failed: number): Traffic => ({
      ...{ ...visitors, origin, service: "web", version: "v1" },
      ...{ requests: requests * reads, failed: failed * reads },
      latencies: [{ overSeconds: 0, upToSeconds: 0.1, requests: requests * reads }],
    });
    let rows: () => Traffic[] = () => [];
    here.target.traffic = async () => {
      reads += 1;
      return rows();
    };
    rows = () => [counted("visitors", 100, 7), counted("services", 900, 0), counted("fairway", 900, 0)];
    const diluted = await failureOf(passing(deploy("v1", reviewed())));
    expect(diluted.message).toContain(": 7 % of 100 requests failed");
    rows = () => [counted("visitors", 100, 0), counted("services", 10, 5), counted("fairway", 10, 10)];
    const between = await failureOf(passing(resume(reviewed(), { answer: "not done" })));
    expect(between.message).toContain("web, asked by services: 50 % of 10 requests failed");
    rows = () => [counted("visitors", 0, 0), counted("services", 10, 0), counted("fairway", 10, 0)];
    const nobody = await failureOf(passing(resume(reviewed(), { answer: "not done" })));
    expect(nobody.message).toContain("no request of a visitor was counted");
  });

  it("cannot be told from counters that began anew, also where they count more by now", async () => {
    let reads = 0;
    here.target.traffic = async () => {
      reads += 1;
      const requests = 100 * reads;
      const latencies = [{ overSeconds: 0, upToSeconds: 0.1, requests }];
      const counters = reads === 1 ? "first" : "second";
      return [{ ...visitors, counters, service: "web", version: "v1", requests, failed: 0, latencies }];
    };
    const error = await failureOf(passing(deploy("v1", reviewed())));
    expect(error.message).toContain("the counters began anew in between");
  });

  it("goes when a person says so", async () => {
    await passing(deploy("v1", context()));
    counting({ requests: 200, failed: 14 });
    await failureOf(passing(deploy("v2", reviewed())));
    const gone = await passing(abort(reviewed(), { reason: "too many errors" }));
    expect(gone).toMatchObject({ code: "ROLLED_BACK" });
    expect(versions()).toEqual(["v1"]);
  });
});

describe("what does not end", () => {
  const never = () => new Promise<never>(() => undefined);

  it("is given up when its time is over, though it does not listen, and the release goes back", async () => {
    await passing(deploy("v1", context({ afterRelease: null })));
    const stuck = context({ afterRelease: null, executors: executors({ migrate: never }) });
    const failed = await failureOf(passing(deploy("v2", stuck, { migrations: expanding("2_reviews") })));
    expect(failed).toMatchObject({ exitCode: 4 });
    expect(failed.message).toContain("migrate the database: 2_reviews: given up after 1800 s");
    expect(versions()).toEqual(["v1"]);
    // The database was asked, and has it: the next deploy must not believe that it is missing.
    expect(failed.message).toContain("The database has it all the same");
    expect((await readState(stuck)).appliedMigrations.map(({ name }) => name)).toEqual(["2_reviews"]);
  });

  it("may be at work still, which is said", async () => {
    await passing(deploy("v1", context({ afterRelease: null })));
    const migrationState = async () => "not done" as const;
    const stuck = context({
      afterRelease: null,
      executors: executors({ migrate: never, migrationState }),
    });
    const failed = await failureOf(passing(deploy("v2", stuck, { migrations: expanding("2_reviews") })));
    expect(failed.message).toContain("It may be at work still");
    expect((await readState(stuck)).appliedMigrations).toEqual([]);
  });

  it("as a whole is given up too", async () => {
    await passing(deploy("v1", context({ afterRelease: null })));
    here.target.onOperation = async (title) => {
      if (title.startsWith("replace")) await here.clock.sleep(50_000);
    };
    const hasty = context({ afterRelease: null, timeouts: { ...usualTimeouts, deploy: 60 } });
    const failed = await failureOf(passing(deploy("v2", hasty)));
    expect(failed).toMatchObject({ exitCode: 4 });
    expect(failed.message).toContain("the deploy as a whole: given up after 60 s");
    expect(versions()).toEqual(["v1"]);
  });
});
