import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { asciiSigns } from "../../../src/cli/progress/ascii.ts";
import { rolloutLines, type Canvas } from "../../../src/cli/progress/rollout/rollout.ts";
import { ProgressState } from "../../../src/cli/progress/state.ts";
import { endedLines, liveLines } from "../../../src/cli/progress/tree.ts";
import { colours, knowsUnicode } from "../../../src/cli/terminal.ts";
import type { LookAtLimit } from "../../../src/model/metric.ts";
import type { HoldStanding } from "../../../src/model/rollout.ts";
import {
  blueGreen,
  canary,
  counts,
  errors,
  hold,
  latencies,
  orders,
  p99,
  standing,
  values,
  verdict,
} from "./standings.ts";

const canvas: Canvas = { columns: 80, nowMs: 480_000, colours: colours(false) };

/** At 25 %: one limit passes, one fails, one is insufficient, and one is a number that has to be high. */
function inTheMiddle(fields: Partial<HoldStanding> = {}): HoldStanding {
  const seen = [
    verdict("api", errors, counts(2, 12_500), counts(9, 37_400), true),
    verdict("api", p99, latencies(4000, 160), latencies(12_000, 100)),
    verdict("web", errors, counts(1, 420), counts(0, 1300)),
    verdict("web", orders, values(51, 47, 49, 52, 50, 48), null),
  ];
  const before = (estimate: number): (LookAtLimit | null)[] =>
    seen.map((one) => ({ ...one.verdict, estimate }));
  const looks = [-0.4, -0.1, 0.1, 0.3, 0.6].map((estimate) => ({
    at: "",
    limits: before(estimate),
    spent: [],
  }));
  const last = hold(seen).looks;
  return hold(seen, { looks: [...looks, ...last], ...fields });
}

function textOf(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

describe("a rollout on a terminal", () => {
  test.each([
    ["wide", 110],
    ["80", 80],
    ["60", 60],
    ["40", 40],
  ])("shows steps, weights and limits in a golden picture: %s", async (name, columns) => {
    const lines = rolloutLines(standing(7, { hold: inTheMiddle() }), { ...canvas, columns });
    await expect(textOf(lines)).toMatchFileSnapshot(`../golden/rollout-${name}.txt`);
  });

  test("says the same in ASCII, sign for sign", async () => {
    const lines = rolloutLines(standing(7, { hold: inTheMiddle() }), { ...canvas, columns: 110 });
    const text = asciiSigns(textOf(lines));
    await expect(text).toMatchFileSnapshot("../golden/rollout-ascii.txt");
    expect(text).toMatch(/^[\n -~]*$/);
    expect(text.split("\n").map((line) => line.length)).toEqual([...lines.map((line) => line.length), 0]);
  });

  test("never has a line that is longer than there is room for, at any width", () => {
    const holds = [null, inTheMiddle({ sick: "0 of 1 replicas of api 4f2a9c1 are ready" }), hold([])];
    for (let columns = 12; columns <= 130; columns += 1) {
      for (const one of holds) {
        for (const line of rolloutLines(standing(7, { hold: one }), { ...canvas, columns }))
          expect(line.length, `${String(columns)}: ${line}`).toBeLessThanOrEqual(columns);
      }
    }
  });

  test("keeps name and verdict of each limit where there is room for nothing else", () => {
    const lines = rolloutLines(standing(7, { hold: inTheMiddle() }), { ...canvas, columns: 40 });
    for (const [name, word] of [
      ["errors", "pass"],
      ["p99", "fail"],
      ["errors", "insufficient"],
    ] as const)
      expect(lines.some((line) => line.includes(name) && line.endsWith(word))).toBe(true);
  });

  test("says with colours what it says without them", () => {
    const given = standing(7, { hold: inTheMiddle() });
    const dressed = rolloutLines(given, { ...canvas, colours: colours(true) });
    expect(dressed.join("\n")).toContain("\u001b[31mfail\u001b[39m");
    expect(dressed.map(stripVTControlCharacters)).toEqual(rolloutLines(given, canvas));
  });

  test("says how long the hold still takes, then how long it may still be extended", () => {
    const at = (nowMs: number) => {
      const [line] = rolloutLines(standing(7, { hold: inTheMiddle() }), { ...canvas, nowMs });
      return line?.replace(/^.*(?=hold)/, "");
    };
    expect(at(0)).toBe("hold: 15m 00s of 15m 00s left, look 6");
    expect(at(892_500)).toBe("hold: 8s of 15m 00s left, look 6");
    expect(at(900_000)).toBe("hold is over, waits 30m 00s more at most, look 6");
    expect(at(2_700_000)).toBe("hold is over, look 6");
  });

  test("shows a source that cannot be read, and why, where its figures would stand", () => {
    const seen = [{ verdict: null, why: "api: 127.0.0.1:9090 answered 503" }, ...inTheMiddle().seen.slice(1)];
    const lines = rolloutLines(standing(7, { hold: inTheMiddle({ seen }) }), canvas);
    expect(lines.find((line) => line.endsWith("unread"))).toMatch(
      /errors \+0\.5 points {2}api: 127\.0\.0\.1:9090 answered 503 +unread$/,
    );
  });

  test("says so before the first look, and when replicas of the new version are not ready", () => {
    const first = rolloutLines(standing(4, { hold: hold([], { looks: [] }) }), canvas);
    expect(first.filter((line) => line.endsWith("no look yet"))).toHaveLength(4);
    const sick = "0 of 1 replicas of api 4f2a9c1 are ready";
    expect(rolloutLines(standing(7, { hold: inTheMiddle({ sick }) }), canvas).at(-1)).toBe(`! ${sick}`);
  });

  test("marks the step that the operation is a part of, and what the visitors get until it is done", () => {
    const pictures = canary.flatMap((_, index) => {
      if (index === 0) return [];
      const [steps, weight] = rolloutLines(standing(index), { ...canvas, columns: 60 });
      return [`${steps?.slice(7) ?? ""} | ${weight?.slice(7) ?? ""}`];
    });
    const [five, quarter, all] = ["✓ 5 %", "✓ 5 %  ✓ 25 %", "✓ 5 %  ✓ 25 %  ▸ 100 %"];
    expect(
      pictures.map((picture) => picture.replace(/[█▒░]+/g, (bar) => [...new Set(bar)].join(""))),
    ).toEqual([
      "▸ 5 %  · 25 %  · 100 % | new 4f2a9c1 0 % ▒░ 100 % old 77ab310",
      "▸ 5 %  · 25 %  · 100 % | new 4f2a9c1 0 % ▒░ 100 % old 77ab310",
      "▸ 5 %  · 25 %  · 100 % | new 4f2a9c1 0 % ▒░ 100 % old 77ab310",
      "▸ 5 %  · 25 %  · 100 % | new 4f2a9c1 5 % █░ 95 % old 77ab310",
      `${five}  ▸ 25 %  · 100 % | new 4f2a9c1 5 % █▒░ 95 % old 77ab310`,
      `${five}  ▸ 25 %  · 100 % | new 4f2a9c1 5 % █▒░ 95 % old 77ab310`,
      `${five}  ▸ 25 %  · 100 % | new 4f2a9c1 25 % █░ 75 % old 77ab310`,
      `${quarter}  ▸ 100 % | new 4f2a9c1 25 % █▒ 75 % old 77ab310`,
      `${all} | new 4f2a9c1 100 % █ 0 % old 77ab310`,
      `${all} | new 4f2a9c1 100 % █ 0 % old 77ab310`,
    ]);
  });

  test("an estimate on the limit hides neither", () => {
    const on = verdict("api", errors, counts(5, 1000), counts(0, 3000)).verdict;
    const lines = rolloutLines(standing(7, { hold: hold([{ verdict: on }]) }), canvas);
    expect(lines.find((line) => line.includes("+0.5 ") && line.includes("1,000/"))).toMatch(/├─*◆─*[┤▸]/);
  });

  test("names the steps of a switch at once", () => {
    const steps = blueGreen.map((_, index) => {
      const [line] = rolloutLines(standing(index, { operations: blueGreen }), canvas);
      return line?.slice(7);
    });
    expect(steps[0]).toBe("▸ start beside  · test  · switch  · bake  · take over");
    expect(steps[3]).toBe("✓ start beside  ✓ test  ✓ switch  ▸ bake  · take over");
  });
});

describe("the tree of a running rollout", () => {
  function held() {
    const state = new ProgressState(() => 0);
    state.onTask({ type: "started", id: "1", name: "hold at 25 % for 15 min" });
    state.onTask({ type: "output", id: "1", stream: "stdout", text: "api: what the panel says as well" });
    state.onTask({ type: "rollout", id: "1", rollout: standing(7, { hold: inTheMiddle() }) });
    return state;
  }
  const frame = { columns: 80, rows: 30, nowMs: 480_000, spinner: "⠹", colours: colours(false) };

  test("has the picture below the operation, and one line of it when that is over", () => {
    const state = held();
    const lines = liveLines(state, frame);
    expect(lines[0]).toMatch(/^⠹ hold at 25 % for 15 min/);
    expect(lines[1]).toMatch(/^ {2}steps {2}✓ 5 % {2}▸ 25 %/);
    expect(lines.join("\n")).not.toContain("the panel says as well");
    const ended = state.onTask({ type: "finished", id: "1", outcome: "done" });
    expect(ended && endedLines(ended, state, frame)).toEqual([expect.stringMatching(/^✓ hold at 25 %/)]);
    expect(liveLines(state, frame)).toEqual([]);
  });

  test("stays within the terminal, however small", () => {
    for (const columns of [20, 40, 80, 200]) {
      for (const line of liveLines(held(), { ...frame, columns })) expect(line.length).toBeLessThan(columns);
    }
    expect(liveLines(held(), { ...frame, rows: 8 })).toHaveLength(6);
  });
});

test("a terminal knows Unicode unless its locale names another encoding", () => {
  expect(knowsUnicode({})).toBe(true);
  expect(knowsUnicode({ LANG: "de_DE.UTF-8" })).toBe(true);
  expect(knowsUnicode({ LANG: "C.utf8" })).toBe(true);
  expect(knowsUnicode({ LANG: "C" })).toBe(false);
  expect(knowsUnicode({ LANG: "en_US.UTF-8", LC_ALL: "POSIX" })).toBe(false);
  expect(knowsUnicode({ LANG: "de_DE@euro", LC_CTYPE: "" })).toBe(false);
  expect(knowsUnicode({ LANG: "en_US.UTF-8", TERM: "linux" })).toBe(false);
});
