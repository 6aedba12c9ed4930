import { describe, expect, it } from "vitest";
import { usesOfEnvironment } from "../../src/delivery/uses.ts";
import type { DatabaseUses } from "../../src/model/plan.ts";
import { releaseOf } from "../../src/testing/testing.ts";

type State = Parameters<typeof usesOfEnvironment>[0];

/** Releases that were proven one after the other. */
function environment(
  ...proven: readonly (readonly [version: string, endedAt: string, uses: DatabaseUses | null])[]
): State {
  const releases = proven.map(([version, , uses]) => ({
    ...releaseOf(version),
    ...(uses === null ? {} : { uses }),
  }));
  return {
    line: releases.map((release) => ({ release, smoke: [], tags: [] })),
    deployments: releases.map((release, index) => ({
      release,
      outcome: "succeeded",
      endedAt: proven[index]![1],
    })),
    ...{ live: null, unsettled: null },
  } as unknown as State;
}

const withNick = { tables: { users: ["id", "nick"] }, types: ["mood"], sql: [] };
const without = { tables: { users: ["id"] }, types: [], sql: [] };
const monday = "2026-11-16T12:00:00.000Z";
const tuesday = "2026-11-17T12:00:00.000Z";

describe("what an environment uses", () => {
  const nick = (state: State, now: string, soakMinutes = 60) =>
    usesOfEnvironment(state, new Date(now), soakMinutes).column("users", "nick");

  it("is what the live release uses, for as long as it is live", () => {
    expect(nick(environment(["v1", monday, withNick]), "2027-11-16T12:00:00.000Z")).toEqual({
      state: "used",
      by: ["v1 (live)"],
    });
  });

  it("is what one that was replaced uses until the soak of the next is over", () => {
    const state = environment(["v1", monday, withNick], ["v2", tuesday, without]);
    expect(nick(state, "2026-11-17T12:59:59.999Z")).toEqual({
      state: "used",
      by: ["v1 (may come back until 2026-11-17 13:00 UTC)"],
    });
    expect(nick(state, "2026-11-17T13:00:00.000Z")).toEqual({ state: "unused", by: [] });
  });

  it("is not known where one of them recorded nothing", () => {
    const state = environment(["v1", monday, null], ["v2", tuesday, without]);
    expect(nick(state, tuesday).state).toBe("unknown");
    expect(nick(state, "2026-11-18T12:00:00.000Z").state).toBe("unused");
  });

  it("is what one uses that was begun, and is not settled", () => {
    const begun = { release: { ...releaseOf("v2"), uses: withNick } };
    const state = { ...environment(["v1", monday, without]), unsettled: begun } as unknown as State;
    expect(nick(state, tuesday)).toEqual({ state: "used", by: ["v2 (begun)"] });
  });

  it("has types too", () => {
    const uses = usesOfEnvironment(environment(["v1", monday, withNick]), new Date(tuesday), 60);
    expect(uses.type("mood").state).toBe("used");
    expect(uses.type("toString").state).toBe("unused");
    expect(uses.column("toString", "length").state).toBe("unused");
  });
});
