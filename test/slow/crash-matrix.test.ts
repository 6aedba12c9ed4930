import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Operation } from "../../src/model/plan.ts";
import { resume } from "../../src/release/release.ts";
import {
  carryOut,
  contextIn,
  during,
  endOf,
  laterContextIn,
  positionsOf,
  resumeAt,
  stateIn,
  type Cut,
  type Place,
  type Wish,
} from "./crash/crash.ts";
import { openLocalStage, type LocalEnding } from "./crash/local-stage.ts";

interface Story {
  readonly name: string;
  readonly database: Place["database"];
  readonly before: readonly Wish[];
  readonly wish: Wish;
  readonly operations: readonly Operation["kind"][];
  /** Only while these are under way: a real PostgreSQL takes its time. @default at every position */
  readonly during?: readonly Operation["kind"][];
  /** Where it is killed while an operation is under way, which the supervisor goes on with. */
  readonly inTheMiddle: readonly { readonly of: string; readonly cut: (state: string) => Cut }[];
  /** What the uninterrupted run ends with: that it does what this is about. */
  readonly ends: Partial<LocalEnding>;
}

const replicas = ["replace-replica", "replace-replica"] as const;
const proof = ["smoke", "maintenance"] as const;
const deployed = { visitors: "v2", migrations: ["1_init", "2_reviews"], starts: { v1: 2, v2: 2 } };
const restored = { visitors: "v1", migrations: ["1_init"], starts: { v1: 4, v2: 2 } };

const stories: readonly Story[] = [
  {
    name: "a deploy with a backup by script",
    database: "foreign",
    before: [{ deploy: "v1" }],
    wish: { deploy: "v2" },
    operations: ["maintenance", "backup", "migrate", ...replicas, ...proof, "tag-images"],
    inTheMiddle: [{ of: "the drain of a replica", cut: () => ({ says: "draining api 2" }) }],
    ends: { ...deployed, backups: ["local-1: nothing with ", "local-2: v1 with 1_init"] },
  },
  {
    name: "a restore by script",
    database: "foreign",
    before: [{ deploy: "v1" }, { deploy: "v2" }],
    wish: "restore",
    operations: ["maintenance", "backup", "restore", ...replicas, ...proof],
    inTheMiddle: [],
    ends: {
      ...restored,
      backups: ["local-1: nothing with ", "local-2: v1 with 1_init", "local-3: v2 with 1_init, 2_reviews"],
      stored: ["local-1", "local-2", "local-3"],
    },
  },
  {
    name: "a deploy with an online backup of PostgreSQL",
    database: "own",
    before: [{ deploy: "v1" }],
    wish: { deploy: "v2" },
    operations: ["maintenance", "backup", "migrate", ...replicas, ...proof, "tag-images"],
    during: ["backup", "migrate"],
    inTheMiddle: [
      { of: "the backup", cut: (state) => ({ file: join(state, "backups/.draft-local-2/data/base") }) },
    ],
    ends: { ...deployed, backups: ["local-2: v1 with 1_init"], stored: ["local-2"] },
  },
  {
    name: "a restore of PostgreSQL",
    database: "own",
    before: [{ deploy: "v1" }, { deploy: "v2" }],
    wish: "restore",
    operations: ["maintenance", "restore", ...replicas, ...proof],
    during: ["restore", "replace-replica"],
    inTheMiddle: [
      { of: "the copy of the backup", cut: (state) => ({ file: join(state, "postgres/.restoring/base") }) },
      { of: "the restore, while what serves is stopped", cut: () => ({ says: "draining api" }) },
      { of: "the restore, once a server has answered", cut: () => ({ says: "the database is that of" }) },
    ],
    ends: {
      ...restored,
      backups: ["local-2: v1 with 1_init", "local-3: v2 with 1_init, 2_reviews"],
      stored: ["local-2", "local-3"],
    },
  },
];

describe.each(stories)("local: $name", (story) => {
  const { before, wish, operations, database } = story;
  const all = positionsOf(operations);
  const positions = story.during === undefined ? all : during(all, story.during);
  let uninterrupted: LocalEnding;
  let untouched: LocalEnding;

  beforeAll(async () => {
    await using stage = await openLocalStage(database, before);
    untouched = await stage.ending();
    await carryOut(wish, await contextIn(stage.place));
    uninterrupted = await stage.ending();
    const { visitors = "" } = story.ends;
    expect(uninterrupted).toMatchObject({
      ...story.ends,
      replicas: [`${visitors} ready`, `${visitors} ready`],
      operations,
      finished: operations.map((_, index) => index),
      keptOut: false,
      unsettled: null,
    });
  });

  it.each(positions)("kill -9 $at; resumed, it ends as the one that nobody killed", async (position) => {
    await using stage = await openLocalStage(database, before);
    const { place } = stage;
    expect(await endOf({ place, wish, cut: position.cut })).toBe("SIGKILL");
    await resumeAt(place, position);
    expect(await stage.ending()).toEqual(position.leaves === "nothing" ? untouched : uninterrupted);
  });

  it.each(story.inTheMiddle)(
    "kill -9 in the middle of $of; resumed, it ends as the one that nobody killed",
    async ({ cut }) => {
      await using stage = await openLocalStage(database, before);
      const { place } = stage;
      expect(await endOf({ place, wish, cut: cut(stateIn(place.directory)) })).toBe("SIGKILL");
      await resume(await laterContextIn(place), { answer: null });
      expect(await stage.ending()).toEqual(uninterrupted);
    },
  );
});
