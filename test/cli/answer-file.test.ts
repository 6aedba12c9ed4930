import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { FunctionCall } from "../../src/cli/commands/invocation.ts";
import { requireAnswerFile } from "../../src/cli/run/answer-file.ts";
import { failureOf } from "../support/failure-of.ts";

const workdir = mkdtempSync(join(tmpdir(), "fairway-out-"));
afterAll(() => {
  rmSync(workdir, { recursive: true, force: true });
});

const check = (out: string | undefined, returns: object = { kind: "string" }) =>
  requireAnswerFile({ definition: { returns }, links: [], options: { out } } as unknown as FunctionCall, {
    workdir,
  });

describe("before anything is run, the file of the answer", () => {
  test("is made sure of without a trace, and its directory is made", async () => {
    await check("new/deep/report.json");
    expect([
      existsSync(join(workdir, "new/deep")),
      existsSync(join(workdir, "new/deep/report.json")),
    ]).toEqual([true, false]);
  });

  test("keeps what it has until there is an answer", async () => {
    writeFileSync(join(workdir, "old.json"), "old");
    await check("old.json");
    expect(readFileSync(join(workdir, "old.json"), "utf8")).toBe("old");
  });

  test("may be a link to nothing, which stays", async () => {
    symlinkSync("nowhere", join(workdir, "link"));
    await check("link");
    expect(existsSync(join(workdir, "nowhere"))).toBe(false);
  });

  test.each([
    ["folder", /is a directory, and the answer is one file/],
    ["missing/", /is a directory/],
    ["file/report.json", /EEXIST|ENOTDIR/],
    ["/proc/report.json", /ENOENT/],
  ])("%s is refused, exit 2", async (out, why) => {
    mkdirSync(join(workdir, "folder"), { recursive: true });
    writeFileSync(join(workdir, "file"), "");
    const refused = await failureOf(check(out));
    expect(refused).toMatchObject({ code: "OUTPUT_UNWRITABLE", exitCode: 2 });
    expect(refused.message).toMatch(why);
    expect(refused.message).toContain(`the answer cannot be written to ${out}: `);
  });

  test("is no matter of ours where an engine writes there, or where nobody asked for one", async () => {
    mkdirSync(join(workdir, "folder"), { recursive: true });
    await check("folder", { kind: "object", name: "Directory" });
    await check(undefined);
  });
});
