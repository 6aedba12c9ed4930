import { chmodSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock, type Clock } from "../../src/model/clock.ts";
import type { Operation } from "../../src/model/plan.ts";
import { resume } from "../../src/release/release.ts";
import {
  gitopsEnvironment,
  kustomization,
  type GitopsEnvironment,
} from "../providers/targets/gitops/fixtures.ts";
import { gitServerMissing } from "../support/git-http-server.ts";
import {
  carryOut,
  contextIn,
  endingOf,
  endOf,
  laterContextIn,
  positionsOf,
  resumeAt,
  type Place,
  type Wish,
} from "./crash/crash.ts";

const missing = gitServerMissing();

interface Story {
  readonly name: string;
  readonly ledger: Place["ledger"]["kind"];
  readonly before: readonly Wish[];
  readonly wish: Wish;
  readonly operations: readonly Operation["kind"][];
  /** The commits that it pushes, by how they begin. */
  readonly commits: readonly string[];
  /** What the uninterrupted run ends with: that it does what this is about. */
  readonly ends: Partial<Ending>;
}

const rollout = ["set-images", "await-healthy", "smoke"] as const;
const deploy: Omit<Story, "name" | "ledger"> = {
  before: [{ deploy: "v1" }],
  wish: { deploy: "v2" },
  operations: ["backup", "migrate", ...rollout, "tag-images"],
  // The one that takes the environment over, and the one that sets the images.
  commits: ["Hold staging", "Release v2"],
  ends: {
    releases: ["Release v2 to staging: api, web", "Release v1 to staging: api, web"],
    live: "v2",
    line: ["v1", "v2"],
    migrations: ["1_init", "2_reviews"],
    backups: ["staging-1: nothing with ", "staging-2: v1 with 1_init"],
  },
};
const restore: Omit<Story, "name" | "ledger"> = {
  before: [{ deploy: "v1" }, { deploy: "v2" }],
  wish: "restore",
  operations: ["backup", "restore", ...rollout],
  commits: [],
  ends: {
    live: "v1",
    line: ["v1"],
    migrations: ["1_init"],
    backups: [
      "staging-1: nothing with ",
      "staging-2: v1 with 1_init",
      "staging-3: v2 with 1_init, 2_reviews",
    ],
  },
};

const stories: readonly Story[] = [
  { name: "a deploy with its journal in sqlite", ledger: "sqlite", ...deploy },
  { name: "a deploy with its journal in git", ledger: "git", ...deploy },
  { name: "a restore by script", ledger: "sqlite", ...restore },
];

beforeEach(({ skip }) => {
  if (missing !== undefined) skip(missing);
});

describe.each(stories)("gitops: $name", ({ ledger, before, wish, operations, commits, ends }) => {
  let uninterrupted: Ending;
  let untouched: Ending;

  beforeAll(async () => {
    if (missing !== undefined) return;
    await using stage = await openStage(ledger, before);
    untouched = await stage.ending();
    await carryOut(wish, await contextIn(stage.place));
    uninterrupted = await stage.ending();
    expect(uninterrupted).toMatchObject({
      ...ends,
      operations,
      finished: operations.map((_, index) => index),
      unsettled: null,
    });
  });

  it.each(positionsOf(operations))(
    "kill -9 $at; resumed, it ends as the one that nobody killed",
    async (position) => {
      await using stage = await openStage(ledger, before);
      const { place } = stage;
      expect(await endOf({ place, wish, cut: position.cut })).toBe("SIGKILL");
      leaseEnds(stage);
      await resumeAt(place, position);
      expect(await stage.ending()).toEqual(position.leaves === "nothing" ? untouched : uninterrupted);
    },
  );

  const pushes = commits.flatMap((commit) =>
    (["before it arrived", "after it arrived"] as const).map((which) => ({ commit, which })),
  );

  it.each(pushes)(
    "kill -9 at the push of $commit, $which; resumed, it ends as the one that nobody killed",
    async ({ commit, which }) => {
      await using stage = await openStage(ledger, before);
      const { place, there } = stage;
      const processId = killOnPush(stage, commit, which);
      expect(await endOf({ place, wish, cut: null }, processId)).toBe("SIGKILL");
      await rm(join(there.bare, "hooks"), { recursive: true, force: true });
      leaseEnds(stage);
      await resume(await laterContextIn(place), { answer: null });
      // Whoever has only taken the environment over has begun nothing.
      expect(await stage.ending()).toEqual(commit === "Hold staging" ? untouched : uninterrupted);
    },
  );
});

interface Stage extends AsyncDisposable {
  readonly place: Place;
  readonly there: GitopsEnvironment;
  /** Everything that the releases have left behind, and that two runs have in common. */
  ending(): Promise<Ending>;
}

interface Ending extends Awaited<ReturnType<typeof endingOf>> {
  readonly manifests: string;
  /** The commits that set images, newest first. */
  readonly releases: readonly string[];
}

/** An environment in which these were carried out. */
async function openStage(ledger: Story["ledger"], wishes: readonly Wish[]): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-crash-"));
  let asked = () => 0;
  // The cluster takes its next step whenever somebody asks how it is.
  const clock: Clock = { ...systemClock, now: () => new Date(2000 * asked()) };
  const there = await gitopsEnvironment({ clock, pollSeconds: 0.05 });
  asked = () => there.argocd.requests.length;
  there.server.create("ledger");
  const place: Place = {
    directory,
    target: { kind: "gitops", options: there.options },
    ledger:
      ledger === "sqlite"
        ? { kind: "sqlite" }
        : { kind: "git", url: there.server.url("ledger"), token: there.options.token },
    database: "foreign",
  };
  const context = await contextIn(place);
  for (const wish of wishes) await carryOut(wish, context);
  return {
    place,
    there,
    ending: async () => ({
      ...(await endingOf(place)),
      manifests: there.file(kustomization),
      releases: there.log("%s").filter((subject) => subject.startsWith("Release")),
    }),
    [Symbol.asyncDispose]: async () => {
      await there[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The server of the manifests kills who pushes that commit, when it has got all of it. Answers where it finds the process' id. */
function killOnPush(
  { there, place }: Stage,
  commit: string,
  which: "before it arrived" | "after it arrived",
): string {
  const processId = join(place.directory, "process-id");
  const hook = join(there.bare, "hooks", which === "before it arrived" ? "pre-receive" : "post-receive");
  writeFileSync(
    hook,
    `#!/bin/sh
while read -r old new ref; do
  case "$(git log -1 --format=%s "$new")" in
    "${commit}"*) kill -9 "$(cat "${processId}")"; exit 1 ;;
  esac
done
`,
  );
  chmodSync(hook, 0o755);
  return processId;
}

/** A ledger in git takes the time from its server. */
function leaseEnds({ there }: Stage): void {
  there.server.aheadSeconds = 31;
}
