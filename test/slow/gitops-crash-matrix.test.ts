import { chmodSync, writeFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock, type Clock } from "../../src/model/clock.ts";
import { readState, resume } from "../../src/release/release.ts";
import {
  gitopsEnvironment,
  kustomization,
  type GitopsEnvironment,
} from "../providers/targets/gitops/fixtures.ts";
import { gitServerMissing } from "../support/git-http-server.ts";
import { momentsOf } from "../support/killed-at.ts";
import { contextIn, databaseIn, deploy, writesWith, type Place } from "./crash/deploying.ts";
import { endOf } from "./crash/killed.ts";

const missing = gitServerMissing();
const ledgers = ["sqlite", "git"] as const;

/** migrate, set-images, await-healthy, smoke, tag-images */
const operations = [0, 1, 2, 3, 4];
const moments = momentsOf(writesWith(operations.length));

/** The commits that a deploy pushes: the one that takes the environment over, and the one that sets the images. */
const pushes = ["Hold staging", "Release v2"].flatMap((commit) =>
  (["before it arrived", "after it arrived"] as const).map((which) => ({ commit, which })),
);

beforeEach(({ skip }) => {
  if (missing !== undefined) skip(missing);
});

describe.each(ledgers)("gitops with its journal in %s", (ledger) => {
  let uninterrupted: Ending;
  let untouched: Ending;

  beforeAll(async () => {
    if (missing !== undefined) return;
    await using stage = await openStage(ledger);
    untouched = await stage.ending();
    await deploy("v2", stage.place, await contextIn(stage.place));
    uninterrupted = await stage.ending();
    expect(uninterrupted).toMatchObject({
      releases: ["Release v2 to staging: api, web", "Release v1 to staging: api, web"],
      live: "v2",
      line: ["v1", "v2"],
      database: "1_init\n2_reviews\n",
      finished: operations,
    });
  });

  it.each(moments)(
    "kill -9 $when write $write of a deploy; resumed, it ends as the one that nobody killed",
    async (moment) => {
      await using stage = await openStage(ledger);
      expect(await endOf({ place: stage.place, version: "v2", moment })).toBe("SIGKILL");
      await resumeIn(stage);
      const begun = moment.write > 1 || moment.when === "after";
      expect(await stage.ending()).toEqual(begun ? uninterrupted : untouched);
    },
  );

  it.each(pushes)(
    "kill -9 at the push of $commit, $which; resumed, it ends as the one that nobody killed",
    async ({ commit, which }) => {
      await using stage = await openStage(ledger);
      const processId = killOnPush(stage, commit, which);
      expect(await endOf({ place: stage.place, version: "v2", moment: null }, processId)).toBe("SIGKILL");
      await resumeIn(stage);
      // Whoever has only taken the environment over has begun nothing.
      expect(await stage.ending()).toEqual(commit === "Hold staging" ? untouched : uninterrupted);
    },
  );
});

type Ending = Awaited<ReturnType<Stage["ending"]>>;

interface Stage extends AsyncDisposable {
  readonly place: Place;
  readonly there: GitopsEnvironment;
  /** Everything that the deploys have left behind, and that two runs have in common. */
  ending(): Promise<{
    readonly manifests: string;
    readonly releases: readonly string[];
    readonly live: string | undefined;
    readonly line: readonly string[];
    readonly outcomes: readonly string[];
    /** The places of the last deployment's operations, each as often as the journal says that it was finished. */
    readonly finished: readonly number[];
    readonly database: string;
    readonly unsettled: unknown;
  }>;
}

/** An environment in which v1 is live. */
async function openStage(ledger: (typeof ledgers)[number]): Promise<Stage> {
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
  };
  await deploy("v1", place, await contextIn(place));
  return {
    place,
    there,
    ending: async () => {
      const context = await contextIn(place);
      const { live, line, deployments, unsettled } = await readState(context);
      const finished = await context.ledger.read({
        deployment: deployments.at(-1)!.id,
        types: ["operation-finished"],
      });
      return {
        manifests: there.file(kustomization),
        releases: there.log("%s").filter((subject) => subject.startsWith("Release")),
        live: live?.release.version,
        line: line.map(({ release }) => release.version),
        outcomes: deployments.map(({ id, outcome }) => `${id} ${outcome}`),
        finished: finished.map(({ payload }) => (payload as { index: number }).index),
        database: await readFile(databaseIn(place), "utf8"),
        unsettled,
      };
    },
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

/** As a person would, when the dead holder's lease is over. */
async function resumeIn({ place, there }: Stage): Promise<void> {
  await rm(join(there.bare, "hooks"), { recursive: true, force: true });
  there.server.aheadSeconds = 31;
  const later: Clock = { ...systemClock, now: () => new Date(Date.now() + 31_000) };
  await resume(await contextIn(place, { clock: later }), { answer: null });
}
