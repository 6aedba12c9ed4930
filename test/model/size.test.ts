import { expect, it } from "vitest";
import { sizeText } from "../../src/model/size.ts";

it("a size is told in the unit that people read", () => {
  const sizes = [0, 999, 1_200, 41_234_567, 1_500_000_000, 7_000_000_000_000_000];
  expect(sizes.map(sizeText)).toEqual(["0 bytes", "999 bytes", "1.2 kB", "41 MB", "1.5 GB", "7000 TB"]);
});
