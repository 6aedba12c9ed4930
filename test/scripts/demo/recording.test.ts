import { describe, expect, it } from "vitest";
import { spansOf } from "../../../scripts/demo/recording/ansi.ts";
import { terminalSvg } from "../../../scripts/demo/recording/svg.ts";

const picture = { title: "a run", columns: 20, rows: 2, longestPauseSeconds: 1 };

describe("the recording", () => {
  it("reads colours and weights, and drops what moves the cursor", () => {
    expect(spansOf("\u001b[32m✓\u001b[39m \u001b[1mdone\u001b[22m\u001b[K")).toEqual([
      { text: "✓", color: 32, bold: false, dim: false },
      { text: " ", color: null, bold: false, dim: false },
      { text: "done", color: null, bold: true, dim: false },
    ]);
  });

  it("shows every line, escaped and cut to the terminal's width", () => {
    const lines = [
      { atSeconds: 0, text: "a < b & c" },
      { atSeconds: 1, text: "x".repeat(30) },
    ];
    const svg = terminalSvg(lines, picture);
    expect(svg).toContain("a &lt; b &amp; c");
    expect(svg).toContain(`${"x".repeat(19)}…<`);
    expect(svg).not.toContain("x".repeat(20));
  });

  it("cuts long silences, and scrolls no further than the last line", () => {
    const lines = [0, 100, 101].map((atSeconds) => ({ atSeconds, text: "line" }));
    const svg = terminalSvg(lines, picture);
    expect(svg).toContain("animation: scroll 7.0s");
    expect(svg).toContain("#lines { transform: translateY(-20px); }");
    expect(svg).toMatch(/28\.57% \{ transform: translateY\(-20px\); \}/);
  });
});
