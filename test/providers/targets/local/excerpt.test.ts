import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { excerpt } from "../../../../src/providers/targets/local/excerpt.ts";

const times = (count: number, lines: (index: number) => readonly string[]) =>
  Array.from({ length: count }, (_, index) => lines(index)).flat();

test("lines that differ in numbers, ids and times only are one line and a count", () => {
  const probes = times(26, (index) => [
    `{"time":${String(1_763_716_000_000 + index)},"requestId":"req-${index.toString(16)}a0","msg":"not ready"}`,
  ]);
  expect(excerpt(["Error: no database", ...probes, "ending"].join("\n"))).toBe(
    `Error: no database\n${probes[0] ?? ""}\n(25 more like it)\nending`,
  );
});

test("lines that come again in turn are shown once and counted together", () => {
  const requests = times(10, (index) => [
    `GET /ready ${String(index)}`,
    `answered 503 in ${String(index)} ms`,
  ]);
  expect(excerpt(requests.join("\n"))).toBe("GET /ready 0\nanswered 503 in 0 ms\n(18 more like these)");
});

test("lines that say different things all stay, and only the last twelve are shown", () => {
  const words = "a b c d e f g h i j k l m n".split(" ").map((word) => `${word} failed`);
  expect(excerpt(words.join("\n"))).toBe(words.slice(2).join("\n"));
});

test("a line that is very long is cut", () => {
  const [line = ""] = excerpt("x".repeat(5_000)).split("\n");
  expect(line).toHaveLength(400);
  expect(line.endsWith("x…")).toBe(true);
});

/** What Node says of a program that ends so. */
function lastWords(program: string): string {
  return spawnSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" }).stderr;
}

test("an exception with deep stacks keeps its message and those of its causes", () => {
  const text = lastWords(`
    function start(depth) {
      if (depth > 0) return start(depth - 1);
      const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });
      throw new Error("the service cannot start", { cause: new Error("no database", { cause: refused }) });
    }
    start(40);`);
  expect(text.split("\n").length).toBeGreaterThan(30);
  const shown = excerpt(text);
  expect(shown).toMatch(/^Error: the service cannot start$/m);
  expect(shown).toMatch(/^ +\[cause\]: Error: no database$/m);
  expect(shown).toMatch(/^ +\[cause\]: Error: connect ECONNREFUSED 127\.0\.0\.1:5432$/m);
  expect(shown).toMatch(/^ +\(\d+ more frames\)$/m);
});

test("a reason that two hundred lines follow is shown, and how many are left out", () => {
  const word = (index: number) => String.fromCharCode(97 + (index % 26), 97 + Math.floor(index / 26));
  const parts = times(200, (index) => [`part ${word(index)} is closed`]);
  const shown = excerpt(["starting", "TypeError: shop is not a function", ...parts].join("\n")).split("\n");
  expect(shown.slice(0, 2)).toEqual(["TypeError: shop is not a function", "... 188 lines"]);
  expect(shown.slice(2)).toEqual(parts.slice(-12));
});
