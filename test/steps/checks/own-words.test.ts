import { expect, it } from "vitest";
import { ownWords } from "../../../src/steps/checks/own-words.ts";

it.each([
  [
    "src/a.ts\n  3:1  error  no-undef\n\n✖ 3 problems (2 errors, 1 warning)\n",
    "✖ 3 problems (2 errors, 1 warning)",
  ],
  [
    "src/a.ts(3,1): error TS2304: no name\n\nFound 2 errors in the same file\n",
    "Found 2 errors in the same file",
  ],
  [
    "      Tests  1 failed | 4 passed (5)\n   Duration  1 s\n ELIFECYCLE  Command failed.\n",
    "Tests 1 failed | 4 passed (5)",
  ],
  [
    "error: could not compile `x` (bin) due to 2 previous errors\n",
    "error: could not compile `x` (bin) due to 2 previous errors",
  ],
])("the line in which a tool counts what is wrong is its summary: %#", (output, line) => {
  expect(ownWords(output)).toBe(line);
});

it.each(["", "killed", "0 errors, 0 problems", `${"x".repeat(500)} 3 errors`])(
  "where none does, there is no summary: %#",
  (output) => {
    expect(ownWords(output)).toBeUndefined();
  },
);
