import { expect, it } from "vitest";
import { uncommittedNote } from "../../src/delivery/candidate.ts";

it("what goes live from no commit is named, with the version that stands for it", () => {
  expect(uncommittedNote("4f2a9c1-dirty.0b1c2d3e", [" M apps/web/page.ts"])).toBe(
    "version 4f2a9c1-dirty.0b1c2d3e: not committed is apps/web/page.ts",
  );
});

it("of many changed files three are named and the rest is counted", () => {
  const changes = [" M a.ts", "?? b.ts", "R  c.ts -> d.ts", " D e.ts", " M f.ts"];
  expect(uncommittedNote("4f2a9c1-dirty.0b1c2d3e", changes)).toBe(
    "version 4f2a9c1-dirty.0b1c2d3e: not committed are a.ts, b.ts, c.ts -> d.ts, +2 more",
  );
});
