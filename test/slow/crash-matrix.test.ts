import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { systemClock, type Clock } from "../../src/model/clock.ts";
import { readState, resume, stopEnvironment } from "../../src/release/release.ts";
import { momentsOf } from "../support/killed-at.ts";
import { contextIn, databaseIn, deploy, writesWith, type Place } from "./crash/deploying.ts";
import { endOf } from "./crash/killed.ts";

/** migrate, two replicas, smoke, tag-images */
const writes = writesWith(5);

/** The dead holder's lease is over: the clock of the one who comes next is that much later. */
const later: Clock = { ...systemClock, now: () => new Date(Date.now() + 31_000) };

it.each(momentsOf(writes))(
  "local: kill -9 $when write $write of a deploy; resumed, it ends as the one that nobody killed",
  async (moment) => {
    const directory = await mkdtemp(join(tmpdir(), "fairway-crash-"));
    const place: Place = { directory, target: { kind: "local" }, ledger: { kind: "sqlite" } };
    const after = await contextIn(place, { clock: later });
    try {
      await deploy("v1", place, await contextIn(place));
      expect(await endOf({ place, version: "v2", moment })).toBe("SIGKILL");

      const begun = (await readState(after)).unsettled !== null;
      const outcome = await resume(after, { answer: null });
      expect(outcome === null).toBe(!begun);
      const expected = moment.write === 1 && moment.when === "before" ? "v1" : "v2";
      const state = await readState(after);
      expect(state.live?.release.version).toBe(expected);
      expect(state.unsettled).toBeNull();
      const [api] = (await after.target.observe()).services;
      expect(api?.replicas.map(({ version, state: is }) => `${version} ${is}`)).toEqual(
        Array(2).fill(`${expected} ready`),
      );
      const database = await readFile(databaseIn(place), "utf8");
      expect(database).toBe(expected === "v1" ? "1_init\n" : "1_init\n2_reviews\n");
    } finally {
      await stopEnvironment(after, { removeData: true });
      await rm(directory, { recursive: true, force: true });
    }
  },
  120_000,
);
