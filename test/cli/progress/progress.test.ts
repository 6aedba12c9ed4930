import { describe, expect, test, vi } from "vitest";
import { plainPainter } from "../../../src/cli/progress/plain.ts";
import { ProgressState } from "../../../src/cli/progress/state.ts";
import { endedLines, liveLines, type Frame } from "../../../src/cli/progress/tree.ts";
import { colours, openTerminal, wantsColour } from "../../../src/cli/terminal.ts";
import { counts, errors, hold, standing, verdict } from "./standings.ts";
import { progressTo } from "../../../src/model/progress.ts";

const plain = colours(false);
const frame: Frame = { columns: 80, rows: 30, nowMs: 0, spinner: "⠹", colours: plain };

function scene() {
  const clock = { ms: 0 };
  const state = new ProgressState(() => clock.ms);
  const at = (seconds: number) => (clock.ms = seconds * 1000);
  return { clock, state, at };
}

/** What is written to a log, line by line. */
function plainScene() {
  const { clock, state, at } = scene();
  const written: string[] = [];
  const painter = plainPainter(
    state,
    () => clock.ms,
    plain,
    (text) => written.push(text),
  );
  return { state, at, painter, written };
}

/** A deploy in the middle: checks done, one image being built. */
function middleOfADeploy() {
  const { state, at } = scene();
  const task = (id: string, name: string, parent?: string) =>
    state.onTask({ type: "started", id, name, ...(parent === undefined ? {} : { parent }) });
  const end = (id: string, outcome: "done" | "cached" | "failed", detail?: string) =>
    state.onTask({ type: "finished", id, outcome, ...(detail === undefined ? {} : { detail }) });
  task("1", "checks");
  task("2", "lint", "1");
  task("3", "unit", "1");
  at(2);
  end("2", "cached");
  at(4.1);
  end("3", "done");
  end("1", "done");
  task("4", "images");
  task("5", "api", "4");
  task("6", "web", "4");
  state.onStep({ type: "started", id: "s1", command: "pnpm --filter @shop/api run build", image: "node:24" });
  state.onStep({
    type: "output",
    id: "s1",
    stream: "stdout",
    text: "\u001b[32mvite\u001b[39m building\r\nrendering chunks (12)\n",
  });
  at(6.3);
  end("6", "done", "sha256:4f2a9c1");
  return state;
}

describe("the live tree", () => {
  test("shows what runs, what it prints, and what has ended below it", async () => {
    const state = middleOfADeploy();
    await expect(`${liveLines(state, frame).join("\n")}\n`).toMatchFileSnapshot("../golden/tree.txt");
  });

  test("of a part that failed keeps the last that its step printed, while others still run and afterwards", () => {
    const { state, at } = scene();
    state.onTask({ type: "started", id: "1", name: "checks" });
    state.onTask({ type: "started", id: "2", name: "unit", parent: "1" });
    state.onStep({ type: "started", id: "s1", command: "pnpm run unit", image: "node:24" });
    state.onTask({ type: "started", id: "3", name: "lint", parent: "1" });
    state.onStep({ type: "output", id: "s1", stream: "stderr", text: "hello is wrong\n" });
    at(2);
    state.onStep({ type: "finished", id: "s1", outcome: "failed", exitCode: 1, durationMs: 2000 });
    state.onTask({ type: "finished", id: "2", outcome: "failed", detail: "exit code 1" });
    const words = [expect.stringMatching(/^ {2}✗ unit .*exit code 1/), "    │ hello is wrong"];
    expect(liveLines(state, frame).slice(1, 3)).toEqual(words);
    state.onTask({ type: "finished", id: "1", outcome: "failed" });
    const [checks] = state.roots;
    expect(checks && endedLines(checks, state, frame).slice(1)).toEqual([
      ...words,
      expect.stringContaining("lint"),
    ]);
  });

  test("keeps one line of a task that has ended, with what became of its parts", () => {
    const state = middleOfADeploy();
    const [checks] = state.roots;
    expect(checks && endedLines(checks, state, frame)).toEqual([
      expect.stringMatching(/^✓ checks +1 done, 1 cached {2}4\.1s$/),
    ]);
  });

  test("never draws a line that is wider than the terminal", () => {
    const state = middleOfADeploy();
    for (const columns of [24, 40, 60, 200]) {
      const lines = [
        ...liveLines(state, { ...frame, columns }),
        ...state.roots.flatMap((root) => endedLines(root, state, { ...frame, columns })),
      ];
      for (const line of lines) expect(line.length, line).toBeLessThan(columns);
    }
  });

  test("never draws more lines than the terminal has, and says how many are left out", () => {
    const { state } = scene();
    for (let index = 0; index < 50; index += 1)
      state.onTask({ type: "started", id: String(index), name: `task ${String(index)}` });
    const lines = liveLines(state, { ...frame, rows: 12 });
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toBe("  … 41 more lines");
  });

  test("names the part that failed, with the first words of why, and keeps its name readable", () => {
    const { state, at } = scene();
    state.onTask({ type: "started", id: "1", name: "checks" });
    state.onTask({ type: "started", id: "2", name: "unit", parent: "1" });
    at(1.5);
    state.onTask({
      type: "finished",
      id: "2",
      outcome: "failed",
      detail: `3 tests failed:\n${"long ".repeat(60)}`,
    });
    state.onTask({ type: "finished", id: "1", outcome: "failed" });
    const [root] = state.roots;
    const lines = root ? endedLines(root, state, frame) : [];
    expect(lines[1]).toMatch(/^ {2}✗ unit +3 tests failed: long .*… {2}1\.5s$/);
  });

  test("puts a step under the task whose name its command has, else on its own", () => {
    const { state } = scene();
    state.onTask({ type: "started", id: "1", name: "lint" });
    state.onTask({ type: "started", id: "2", name: "unit" });
    expect(
      state.onStep({ type: "started", id: "a", command: "pnpm run unit", image: null })?.parent?.name,
    ).toBe("unit");
    expect(
      state.onStep({ type: "started", id: "b", command: "git rev-parse", image: null })?.parent,
    ).toBeUndefined();
  });
});

describe("the name of a step", () => {
  test.each([
    ["sh -c 'pnpm run unit'", "pnpm run unit"],
    ["sh -euc '\n# ask git about the commit\ngit rev-parse HEAD' main", "ask git about the commit"],
    ["node -e '\n// set scripts aside\nconst a = 1;\n' /tmp/x", "set scripts aside"],
    ["sh -c '#!/bin/sh\necho hello'", "#!/bin/sh echo hello"],
    ["node -e 'fetch(1) // asks'", "node -e 'fetch(1) // asks'"],
  ])("of %j is %j", (command, name) => {
    const { state } = scene();
    expect(state.onStep({ type: "started", id: "a", command, image: null })?.name).toBe(name);
  });

  test("keeps both ends of a long command", () => {
    const { state } = scene();
    const command = `node -e '${"const x = await something(1); ".repeat(30)}' /answer.json`;
    const name = state.onStep({ type: "started", id: "a", command, image: null })?.name ?? "";
    expect(name).toMatch(/^node -e 'const x = await .*….*\/answer\.json$/);
    expect(name.length).toBeLessThanOrEqual(80);
  });
});

describe("plain progress", () => {
  test("is one timed line for what ends, and each note once", () => {
    const { state, at, painter, written } = plainScene();
    const progress = progressTo((event) => {
      painter.changed(state.onTask(event));
    });
    painter.headline("fairway check on the embedded engine");
    return progress
      .task("checks", async (checks) => {
        progress.note("node:24 is stood in for");
        progress.note("node:24 is stood in for");
        await checks.task("unit", () => Promise.resolve(at(4.1)));
        await checks.task("lint", (task) => {
          task.outcome("cached");
          return Promise.resolve();
        });
        at(12.3);
        await checks.task("types", () => Promise.reject(new Error("no"))).catch(() => undefined);
      })
      .then(() => {
        painter.end("9 steps, 3 cached");
        expect(written.join("")).toBe(
          [
            "fairway check on the embedded engine\n",
            "   0.0s  · node:24 is stood in for\n",
            "   4.1s  ✓ checks › unit  4.1s\n",
            "   4.1s  ✓ checks › lint  cached\n",
            "  12.3s  ✗ checks › types  0.0s\n",
            "  12.3s  ✓ checks  12.3s\n",
            "  12.3s  9 steps, 3 cached\n",
          ].join(""),
        );
      });
  });

  test("leaves out steps that are short or cached, which a log does not need", () => {
    const { state, at, painter, written } = plainScene();
    for (const [id, outcome, seconds] of [
      ["a", "done", 1],
      ["b", "cached", 9],
      ["c", "done", 20],
    ] as const) {
      painter.changed(state.onStep({ type: "started", id, command: `run ${id}`, image: null }));
      at(seconds);
      painter.changed(state.onStep({ type: "finished", id, outcome, exitCode: 0, durationMs: 1 }));
    }
    painter.end("");
    expect(written).toEqual(["  20.0s  ✓ $ run c  11.0s\n"]);
  });
});

describe("plain progress that was quiet for a while", () => {
  test("names three of what still runs, and counts the rest", () => {
    vi.useFakeTimers();
    try {
      const { state, at, painter, written } = plainScene();
      for (const name of ["lint", "types", "unit", "api", "web"])
        painter.changed(state.onTask({ type: "started", id: name, name }));
      at(20);
      vi.advanceTimersByTime(1_000);
      painter.end("");
      expect(written).toEqual(["  20.0s  … lint 20.0s, types 20.0s, unit 20.0s, +2 more\n"]);
    } finally {
      vi.useRealTimers();
    }
  });
});

test("what others wrote commands no terminal, also where a colour inside of a command hid that", () => {
  const { state, painter, written } = plainScene();
  const hostile = "\u001b[\u001b[0m2J\u009b2K\u202eover";
  state.onTask({ type: "note", text: hostile });
  painter.changed(state.onTask({ type: "started", id: "1", name: hostile }));
  state.onTask({ type: "output", id: "1", stream: "stdout", text: hostile });
  painter.changed(state.onStep({ type: "started", id: "s", command: hostile, image: "x" }));
  painter.changed(state.onStep({ type: "finished", id: "s", outcome: "failed", exitCode: 1, durationMs: 1 }));
  painter.changed(state.onTask({ type: "finished", id: "1", outcome: "failed", detail: hostile }));
  painter.end("");
  const shown = [
    ...written,
    ...state.roots.flatMap((item) => liveLines(state, frame).concat(endedLines(item, state, frame))),
  ];
  // eslint-disable-next-line no-control-regex
  expect(shown.join("")).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

test("plain progress of one task that is quiet tells what that said last", () => {
  vi.useFakeTimers();
  try {
    const { state, at, painter, written } = plainScene();
    painter.changed(state.onTask({ type: "started", id: "1", name: "hold at 5 %" }));
    state.onTask({ type: "output", id: "1", stream: "stdout", text: "api: 0 % of 40 requests failed\n" });
    at(20);
    vi.advanceTimersByTime(1_000);
    painter.end("");
    expect(written).toEqual(["  20.0s  … hold at 5 % 20.0s: api: 0 % of 40 requests failed\n"]);
  } finally {
    vi.useRealTimers();
  }
});

test("plain progress of a rollout tells a look that came to something else than the one before", () => {
  const { state, at, painter, written } = plainScene();
  painter.changed(state.onTask({ type: "started", id: "1", name: "hold at 25 %" }));
  const look = (seconds: number, says: string, failed: number) => {
    at(seconds);
    state.onTask({ type: "output", id: "1", stream: "stdout", text: says });
    const one = verdict("api", errors, counts(failed, 5000), counts(5, 5000));
    painter.changed(state.onTask({ type: "rollout", id: "1", rollout: standing(7, { hold: hold([one]) }) }));
  };
  look(30, "api: too early to tell", 5);
  look(60, "api: still too early", 6);
  look(90, "api: 6 % of 5,000 requests failed", 300);
  painter.end("");
  expect(written).toEqual([
    "  30.0s  … hold at 25 %: api: too early to tell\n",
    " 1m 30s  … hold at 25 %: api: 6 % of 5,000 requests failed\n",
  ]);
});

describe("lines", () => {
  test("are redrawn only on a terminal that has a width, outside of CI", () => {
    const live = (stderr: object, env: object = {}) =>
      openTerminal({ stdout: {}, stderr, env } as unknown as NodeJS.Process).live;
    const tty = { isTTY: true, columns: 80 };
    expect(live(tty)).toBe(true);
    expect(live({ ...tty, columns: 0 })).toBe(false);
    expect(live({})).toBe(false);
    expect(live(tty, { CI: "1" })).toBe(false);
    expect(live(tty, { TERM: "dumb" })).toBe(false);
  });
});

describe("colours", () => {
  test("are for terminals, unless NO_COLOR, FORCE_COLOR or TERM=dumb say otherwise", () => {
    const tty = { isTTY: true };
    expect(wantsColour(tty, {})).toBe(true);
    expect(wantsColour({}, {})).toBe(false);
    expect(wantsColour(tty, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColour(tty, { TERM: "dumb" })).toBe(false);
    expect(wantsColour({}, { FORCE_COLOR: "1" })).toBe(true);
    expect(wantsColour(tty, { FORCE_COLOR: "0" })).toBe(false);
    expect(wantsColour({}, { FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false);
  });
});
