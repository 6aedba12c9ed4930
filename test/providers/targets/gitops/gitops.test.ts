import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { beforeEach, describe, expect, it } from "vitest";
import type { FairwayError } from "../../../../src/model/errors.ts";
import { failureOf } from "../../../support/failure-of.ts";
import {
  git,
  gitServerMissing,
  type GitRequest,
  type RequestFate,
} from "../../../support/git-http-server.ts";
import { releaseOf } from "../../../support/releases.ts";
import {
  awaitHealthy,
  deploy,
  digestOf,
  gitopsEnvironment,
  imagesOf,
  kustomization,
  setImages,
  v1,
  v2,
  type GitopsEnvironment,
} from "./fixtures.ts";

const missing = gitServerMissing();
const needs = { services: [], postgres: null };
const lease = "apps/shop/.fairway/staging.lease";
const isPush = ({ path, method }: GitRequest) => method === "POST" && path.endsWith("/git-receive-pack");

beforeEach(({ skip }) => {
  if (missing !== undefined) skip(missing);
});

/** Commits that set images. */
const releases = ({ log }: GitopsEnvironment) => log("%s").filter((subject) => subject.startsWith("Release"));

describe(`a gitops target${missing === undefined ? "" : ` (${missing})`}`, () => {
  it("is released to by one commit that says what it is, and waits until Argo CD has rolled it out", async () => {
    await using there = await gitopsEnvironment();
    const before = there.file(kustomization);
    const context = there.context();
    const [set, waited] = await deploy(there.target, v1, context);

    expect(there.log("%s")).toEqual([
      "Release v1 to staging: api, web",
      "Hold staging for staging-1",
      "The shop",
    ]);
    const [commit] = there.log("%H");
    expect(git(there.bare, "show", "--format=%an%n%(trailers)", "--no-patch", "main")).toBe(
      [
        "Fairway for ada@laptop",
        "Fairway-Environment: staging",
        "Fairway-Deployment: staging-1",
        `Fairway-Operation: ${context.operationId}`,
        "Fairway-Token: 1",
        "Fairway-Actor: ada@laptop",
        "Fairway-Version: v1",
      ].join("\n"),
    );
    expect(set).toBe(`api, web set in ${commit!.slice(0, 7)} of ${there.server.url("manifests")}`);
    expect(waited).toBe(`Argo CD: shop is Synced to ${commit!.slice(0, 7)} and Healthy`);
    expect(there.argocd.synced()).toBe(commit);
    expect(there.file(kustomization)).toBe(
      before
        .replace('newTag: "1.10"', `newName: 127.0.0.1:5000/shop/api\n    digest: "${digestOf(v1)}"`)
        .replace('newTag: "1.10"', `newName: 127.0.0.1:5000/shop/web\n    digest: "${digestOf(v1)}"`),
    );
    expect(there.reports.join("\n")).toContain("shop is being synced: waiting for completion");
    expect(there.reports.join("\n")).toContain("not looked at since");
  });

  it("is observed as its branch has it, and as healthy as Argo CD says", async () => {
    await using there = await gitopsEnvironment();
    expect(await there.target.observe()).toMatchObject({
      services: [
        { name: "api", replicas: [] },
        { name: "web", replicas: [] },
      ],
      revision: {
        id: there.log("%H")[0],
        images: { api: "shop/api:1.10", web: "shop/web:1.10" },
        health: "healthy",
      },
      database: null,
    });
    await deploy(there.target, v1, there.context());
    const other = await there.another();
    expect((await other.observe({})).revision).toMatchObject({ images: imagesOf(v1), health: "healthy" });
    await there.target.apply(setImages(v2, imagesOf(v1)), v2, there.context());
    expect((await other.observe({})).revision).toMatchObject({
      images: imagesOf(v2),
      health: "progressing",
    });
  });

  it("does nothing that is done already", async () => {
    await using there = await gitopsEnvironment();
    await deploy(there.target, v1, there.context());
    const commits = there.log("%H");
    const [set] = await deploy(await there.another(), v1, there.context());
    expect(set).toContain("had these images already");
    expect(there.log("%H")).toEqual(commits);
  });

  it("goes back by a new commit", async () => {
    await using there = await gitopsEnvironment();
    await deploy(there.target, v1, there.context());
    const before = there.file(kustomization);
    await deploy(there.target, v2, there.context());
    await deploy(there.target, v1, there.context());
    expect(releases(there)).toHaveLength(3);
    expect(there.file(kustomization)).toBe(before);
    expect(git(there.bare, "fsck", "--strict")).toBe("");
  });

  it("gives back what stood there before the first release", async () => {
    await using there = await gitopsEnvironment();
    const before = parse(there.file(kustomization)) as { images: object[] };
    await deploy(there.target, v1, there.context());
    const images = [
      { service: "api", image: "shop/api:1.10", replaces: v1.services[0]!.image },
      { service: "web", image: "shop/web:1.10", replaces: v1.services[1]!.image },
    ];
    const operation = { kind: "set-images", version: "what was there before v1", images } as const;
    await there.target.apply(operation, v1, there.context());
    const after = parse(there.file(kustomization)) as { images: object[] };
    expect(after.images).toEqual(
      before.images.map((entry) => ({ ...entry, newName: Object.values(entry)[0] })),
    );
    expect((await there.target.observe()).revision?.images).toEqual({
      api: "shop/api:1.10",
      web: "shop/web:1.10",
    });
  });
});

describe("others at the branch", () => {
  it("who push something else meanwhile cost one more try, and lose nothing", async () => {
    await using there = await gitopsEnvironment();
    await there.target.prepare(there.context(), needs);
    let pushes = 0;
    there.server.fate = async (request): Promise<RequestFate> => {
      // Between what was read and what is pushed.
      if (request.query.includes("receive-pack") && pushes++ < 2)
        await there.byHand(`others/${pushes}.txt`, () => `${pushes}\n`, `Unrelated ${pushes}`);
      return "answer";
    };
    await there.target.apply(
      setImages(v1, (await there.target.observe()).revision!.images),
      v1,
      there.context(),
    );
    expect(there.log("%s").slice(0, 3)).toEqual([
      "Release v1 to staging: api, web",
      "Unrelated 2",
      "Unrelated 1",
    ]);
    expect(there.reports.filter((line) => line.includes("somebody else has pushed"))).toHaveLength(2);
  });

  it("who take over the environment are not overwritten, also between a look and a push", async () => {
    await using there = await gitopsEnvironment();
    await there.target.prepare(there.context({ fencingToken: 7 }), needs);
    const { revision } = await there.target.observe();
    const taker = await there.another();
    let taken = false;
    there.server.fate = async (request): Promise<RequestFate> => {
      if (request.query.includes("receive-pack") && !taken) {
        taken = true;
        await taker.prepare(there.context({ fencingToken: 8, operationId: "staging-2/prepare/8" }), needs);
        await taker.apply(setImages(v2, revision!.images), v2, there.context({ fencingToken: 8 }));
      }
      return "answer";
    };
    const stale = there.context({ fencingToken: 7 });
    const error = await failureOf(there.target.apply(setImages(v1, revision!.images), v1, stale));
    expect(error).toMatchObject({ code: "LEASE_LOST", exitCode: 5 });
    expect(error.message).toBe(
      "staging-2/prepare/8 has taken over staging (fencing token 8; this deploy has 7).",
    );
    expect(releases(there)).toEqual(["Release v2 to staging: api, web"]);
    expect(await failureOf(there.target.apply(awaitHealthy(v1), v1, stale))).toMatchObject({
      code: "LEASE_LOST",
    });
    expect(await failureOf(there.target.prepare(stale, needs))).toMatchObject({ code: "LEASE_LOST" });
  });

  it("who all deploy at once: each commit stands on the one before, and only the last holder's images remain", async () => {
    await using there = await gitopsEnvironment();
    const outcomes = await Promise.all(
      [1, 2, 3, 4, 5].map(async (fencingToken) => {
        const target = await there.another();
        const context = there.context({ fencingToken });
        const release = releaseOf(`v${fencingToken}`);
        try {
          await target.prepare(context, needs);
          const { revision } = await target.observe();
          await target.apply(setImages(release, revision!.images), release, context);
          return "applied";
        } catch (error) {
          return (error as FairwayError).code;
        }
      }),
    );
    expect(outcomes[4]).toBe("applied");
    for (const outcome of outcomes) expect(["applied", "LEASE_LOST", "TARGET_CHANGED"]).toContain(outcome);
    expect((await there.target.observe()).revision?.images).toEqual(imagesOf(releaseOf("v5")));
    const tokens = there
      .log("%(trailers:key=Fairway-Token,valueonly,separator=)")
      .filter((token) => token !== "");
    expect(tokens).toEqual([...tokens].sort((a, b) => Number(b) - Number(a)));
    expect(
      there
        .log("%p")
        .slice(0, -1)
        .every((parents) => !parents.includes(" ")),
    ).toBe(true);
  });

  it("who change an image by hand are not overwritten, and are named", async () => {
    await using there = await gitopsEnvironment();
    await there.target.prepare(there.context(), needs);
    const { revision } = await there.target.observe();
    const hand = await there.byHand(
      kustomization,
      (text) => text.replace('"1.10" # by hand', "hotfix"),
      "Try a hotfix",
    );
    await there.byHand("README.md", () => "# Manifests\n");
    const error = await failureOf(there.target.apply(setImages(v1, revision!.images), v1, there.context()));
    expect(error).toMatchObject({ code: "TARGET_CHANGED", exitCode: 3, place: `${kustomization}:5:5` });
    expect(error.message).toBe(
      "staging has shop/api:hotfix for api, which is not what this was planned upon: it was set by " +
        `Grace <grace@example.com> in ${hand.slice(0, 7)} ("Try a hotfix"). It is left as it is.`,
    );
    expect(releases(there)).toEqual([]);
  });

  it("who change an image while it is waited for end the wait: it is not this release that is healthy", async () => {
    await using there = await gitopsEnvironment();
    await there.target.prepare(there.context(), needs);
    await there.target.apply(
      setImages(v1, (await there.target.observe()).revision!.images),
      v1,
      there.context(),
    );
    let asked = 0;
    there.server.fate = async ({ query }): Promise<RequestFate> => {
      if (query.includes("upload-pack") && ++asked === 3)
        await there.byHand(kustomization, (text) => text.replace(digestOf(v1), digestOf(v2)));
      return "answer";
    };
    const error = await failureOf(there.target.apply(awaitHealthy(v1), v1, there.context()));
    expect(error).toMatchObject({ code: "TARGET_CHANGED", exitCode: 3 });
    expect(error.message).toContain("Grace <grace@example.com>");
  });

  it("who rewrite the branch take the holder's token away, and it changes nothing more", async () => {
    await using there = await gitopsEnvironment();
    await there.target.prepare(there.context(), needs);
    const { revision } = await there.target.observe();
    git(there.bare, "update-ref", "refs/heads/main", "main~1");
    const error = await failureOf(there.target.apply(setImages(v1, revision!.images), v1, there.context()));
    expect(error).toMatchObject({ code: "TARGET_CHANGED", exitCode: 3 });
    expect(releases(there)).toEqual([]);
  });
});

describe("a push that gets no answer", () => {
  it.each(["cut before", "cut while sending", "cut after", "cut answer", "late", 502] as const)(
    "(%s) is looked for, and made once",
    async (fate) => {
      await using there = await gitopsEnvironment();
      await there.target.prepare(there.context(), needs);
      const { revision } = await there.target.observe();
      let cuts = 0;
      there.server.fate = (request) => (isPush(request) && cuts++ === 0 ? fate : "answer");
      const { observed } = await there.target.apply(setImages(v1, revision!.images), v1, there.context());
      expect(observed).toMatch(/set in|already/);
      expect(cuts).toBeGreaterThan(0);
      expect(releases(there)).toHaveLength(1);
      expect((await there.target.observe()).revision?.images).toEqual(imagesOf(v1));
    },
  );

  it("leaves a new process with the same question, which it answers from the branch", async () => {
    await using there = await gitopsEnvironment();
    await there.target.prepare(there.context(), needs);
    const { revision } = await there.target.observe();
    const killed = new AbortController();
    there.server.fate = (request) => {
      if (!isPush(request)) return "answer";
      // The process dies when the server has it.
      killed.abort(new Error("killed"));
      return "answer";
    };
    const context = there.context({ signal: killed.signal });
    await failureOf(there.target.apply(setImages(v1, revision!.images), v1, context));
    there.server.fate = () => "answer";
    const next = await there.another();
    await next.prepare(there.context({ fencingToken: 2 }), needs);
    const { observed } = await next.apply(
      setImages(v1, revision!.images),
      v1,
      there.context({ fencingToken: 2 }),
    );
    expect(observed).toMatch(/set in|already/);
    expect(releases(there)).toHaveLength(1);
  });

  it("is believed when the server refuses it for good, in its own words", async () => {
    await using there = await gitopsEnvironment();
    await writeFile(join(there.bare, "hooks", "update"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    expect(await failureOf(there.target.prepare(there.context(), needs))).toMatchObject({
      code: "TARGET_REFUSED",
      exitCode: 1,
      message: "the server refuses the push: hook declined",
      remedy: expect.stringContaining("protected") as string,
    });
  });

  it("is given up when the server stays away", async () => {
    await using there = await gitopsEnvironment();
    there.server.fate = () => "cut before";
    const error = await failureOf(there.target.observe());
    expect(error).toMatchObject({ code: "GIT_UNREACHABLE", place: there.server.url("manifests") });
  });
});

describe("Argo CD", () => {
  const waiting = async (there: GitopsEnvironment, timeoutSeconds = 60) => {
    await there.target.prepare(there.context(), needs);
    const { revision } = await there.target.observe();
    await there.target.apply(setImages(v1, revision!.images), v1, there.context());
    return there.target.apply(awaitHealthy(v1, timeoutSeconds), v1, there.context());
  };

  it("that has not noticed the commit yet is not believed, however healthy what it has is", async () => {
    await using there = await gitopsEnvironment();
    there.argocd.slowSteps = 1000;
    const error = await failureOf(waiting(there, 61));
    expect(error).toMatchObject({ code: "NOT_HEALTHY", exitCode: 1 });
    expect(error.message).toMatch(
      /^v1 was not healthy within 61 s: Argo CD: shop is at [0-9a-f]{7} still \(Synced, Healthy\)$/,
    );
    expect(there.argocd.requests.filter((request) => request.endsWith("?refresh=normal"))).toHaveLength(3);
  });

  it("that is at a later commit with the same images is believed", async () => {
    await using there = await gitopsEnvironment();
    await waiting(there);
    const later = await there.byHand("apps/shop/README.md", () => "# The shop\n");
    // It notices when it is asked.
    await there.target.observe();
    await there.clock.sleep(20_000);
    const { observed } = await there.target.apply(awaitHealthy(v1), v1, there.context());
    expect(observed).toContain(`Synced to ${later.slice(0, 7)} and Healthy`);
  });

  it("that is at an older commit with the same images is not: it was something else in between", async () => {
    await using there = await gitopsEnvironment();
    await waiting(there);
    there.argocd.slowSteps = 1000;
    const old = there.argocd.synced();
    await there.target.apply(setImages(v2, imagesOf(v1)), v2, there.context());
    await there.target.apply(setImages(v1, imagesOf(v2)), v1, there.context());
    const error = await failureOf(there.target.apply(awaitHealthy(v1, 30), v1, there.context()));
    expect(error.message).toContain(`is at ${old.slice(0, 7)} still (Synced, Healthy)`);
  });

  it("that finds it degraded for longer than a moment is told in its own words", async () => {
    await using there = await gitopsEnvironment();
    there.argocd.trouble.set(digestOf(v1), "degraded");
    const startedAt = there.clock.now().getTime();
    const error = await failureOf(waiting(there));
    expect(error).toMatchObject({ code: "NOT_HEALTHY" });
    expect(error.message).toMatch(
      /^v1 is unhealthy for 20 s: Argo CD: shop is Synced to [0-9a-f]{7} and Degraded \(Deployment api is Degraded: exceeded its progress deadline\)$/,
    );
    expect(there.clock.now().getTime() - startedAt).toBeGreaterThanOrEqual(20_000);
  });

  it("that recovers within the grace is waited for", async () => {
    await using there = await gitopsEnvironment();
    there.argocd.trouble.set(digestOf(v1), "degraded");
    there.server.fate = () => {
      if (there.reports.some((line) => line.includes("Degraded"))) there.argocd.trouble.clear();
      return "answer";
    };
    expect((await waiting(there)).observed).toContain("and Healthy");
    expect(there.reports.join("\n")).toContain("Degraded");
  });

  it.each([
    ["fails to sync", /^v1 failed: Argo CD: shop could not be synced: one or more objects failed to apply$/],
    [
      "cannot be compared",
      /^v1 is unhealthy for 20 s: .*is Unknown at .*ComparisonError: failed to generate manifests$/,
    ],
    ["missing", /^v1 is unhealthy for 20 s: .* and Missing/],
    ["suspended", /^v1 was not healthy within 60 s: .* and Suspended/],
  ] as const)("that %s is told", async (trouble, words) => {
    await using there = await gitopsEnvironment();
    there.argocd.trouble.set(digestOf(v1), trouble);
    const error = await failureOf(waiting(there));
    expect(error).toMatchObject({ code: "NOT_HEALTHY" });
    expect(error.message).toMatch(words);
  });

  it("that is not allowed to sync by itself is waited for, and the command that syncs is told", async () => {
    await using there = await gitopsEnvironment();
    there.argocd.automated = false;
    const error = await failureOf(waiting(there));
    expect(error.message).toContain("is OutOfSync at");
    expect(error.remedy).toBe("it is not synced automatically: argocd app sync shop");
  });

  it("that is away for a moment is asked again", async () => {
    await using there = await gitopsEnvironment();
    const said = (words: string) => there.reports.some((line) => line.includes(words));
    there.server.fate = () => {
      there.argocd.refuses = said("still") && !said("503") ? 503 : null;
      return "answer";
    };
    expect((await waiting(there)).observed).toContain("and Healthy");
    expect(there.reports.join("\n")).toContain("Argo CD answered 503");
  });

  it.each([
    [401, "renew the value ARGOCD_TOKEN in --secrets"],
    [403, "give the value ARGOCD_TOKEN in --secrets the right to read it"],
    [404, "see that its name is spelled right"],
    [302, "is the address of its API"],
  ])(
    "that answers %d is told before anything changes, and status still says the rest",
    async (status, remedy) => {
      await using there = await gitopsEnvironment();
      there.argocd.refuses = status;
      const error = await failureOf(there.target.observe({}));
      expect(error).toMatchObject({ code: "HEALTH_REFUSED", exitCode: 1 });
      expect(error.message).toContain(`Argo CD answered ${status}`);
      expect(error.remedy).toContain(remedy);
      expect((await there.target.observe()).revision).toMatchObject({
        images: { api: "shop/api:1.10", web: "shop/web:1.10" },
        health: "unknown",
        detail: expect.stringContaining(`answered ${status}`) as string,
      });
      expect(await failureOf(there.target.apply(awaitHealthy(v1), v1, there.context()))).toMatchObject({
        code: "TARGET_CHANGED",
      });
    },
  );
});

describe("without a controller that can be asked", () => {
  it("the services' readiness is, and it is said that it does not tell which release answers", async () => {
    await using there = await gitopsEnvironment({ health: { kind: "addresses" } });
    const [, waited] = await deploy(there.target, v1, there.context());
    expect(waited).toBe("api, web answer on their readiness paths; which release answers, nobody says");
    expect((await there.target.observe({})).revision?.health).toBe("unknown");
  });

  it("each service needs an address", async () => {
    await using there = await gitopsEnvironment();
    const urls = { web: "http://127.0.0.1:1" };
    expect(await failureOf(there.another({ health: { kind: "addresses" }, urls }))).toMatchObject({
      code: "GITOPS_URLS",
      exitCode: 2,
      message: "nobody can say whether api is healthy",
    });
    const nobody = { web: "http://127.0.0.1:1", api: "http://127.0.0.1:1" };
    const target = await there.another({ health: { kind: "addresses" }, urls: nobody });
    await target.prepare(there.context(), needs);
    await target.apply(setImages(v1, (await target.observe()).revision!.images), v1, there.context());
    const error = await failureOf(target.apply(awaitHealthy(v1, 20), v1, there.context()));
    expect(error.message).toMatch(
      /^v1 was not healthy within 20 s: api does not answer: .*; web does not answer: /,
    );
  });

  it("nobody is asked where the config says so, and that is what is written down", async () => {
    await using there = await gitopsEnvironment({ health: { kind: "not observed" } });
    const [, waited] = await deploy(there.target, v1, there.context());
    expect(waited).toBe("nobody is asked: the config says health: not observed");
  });
});

describe("what a gitops target has not", () => {
  it("is refused with what to do instead", async () => {
    await using there = await gitopsEnvironment();
    expect(await failureOf(there.target.stop(there.context(), { removeData: false }))).toMatchObject({
      code: "TARGET_CANNOT_STOP",
      exitCode: 2,
    });
    expect(await failureOf(there.target.logs({})[Symbol.asyncIterator]().next())).toMatchObject({
      code: "TARGET_HAS_NO_LOGS",
      remedy: "argocd app logs shop",
    });
    expect(await there.target.prepare(there.context(), needs)).toMatchObject({ databaseUrl: null });
  });

  it("a branch, a file or an image that is not there is told with its place", async () => {
    await using there = await gitopsEnvironment();
    expect(await failureOf((await there.another({ branch: "none" })).observe())).toMatchObject({
      code: "GIT_BRANCH_MISSING",
      exitCode: 2,
    });
    expect(await failureOf((await there.another({ path: "apps/none" })).observe())).toMatchObject({
      code: "MANIFEST_MISSING",
      place: "apps/none/kustomization.yaml",
    });
    const unknown = releaseOf("v3", ["api", "worker"]);
    await there.target.prepare(there.context(), needs);
    const { revision } = await there.target.observe();
    expect(
      await failureOf(there.target.apply(setImages(unknown, revision!.images), unknown, there.context())),
    ).toMatchObject({ code: "GITOPS_SERVICE", message: expect.stringContaining("worker") as string });
    await there.byHand(lease, () => "not a lease: [");
    expect(await failureOf(there.target.observe())).toMatchObject({
      code: "TARGET_FENCE_UNREADABLE",
      exitCode: 3,
      place: lease,
    });
  });
});

it("no token is in a commit, a report, an error or an observation", async () => {
  await using there = await gitopsEnvironment();
  await deploy(there.target, v1, there.context());
  there.argocd.refuses = 401;
  const said = [
    JSON.stringify(await there.target.observe()),
    ...there.reports,
    there.log("%an %ae %B").join("\n"),
    there.file(lease),
    ...[await failureOf(there.target.observe({}))].map(
      (error) => `${error.message} ${JSON.stringify(error)}`,
    ),
  ];
  expect(said.join("\n")).not.toContain("canary");
  for (const name of await readdir(there.bare, { recursive: true, withFileTypes: true })) {
    if (!name.isFile() || name.parentPath.includes("hooks")) continue;
    expect(await readFile(join(name.parentPath, name.name), "latin1"), name.name).not.toContain("canary");
  }
});
