import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { processesOf } from "../../scripts/demo/leftovers.ts";
import { gitServerMissing } from "../support/git-http-server.ts";
import { noSshKeygen } from "../support/ssh-keygen.ts";

const demo = join(import.meta.dirname, "../../scripts/demo/promotion/promotion.ts");
const missing = gitServerMissing() ?? noSshKeygen ?? undefined;

it.skipIf(missing !== undefined)(
  `npm run demo:promotion keeps every promise, and leaves nothing behind${missing === undefined ? "" : ` (${missing})`}`,
  async () => {
    const scratch = await mkdtemp(join(tmpdir(), "fairway-promotion-test-"));
    try {
      const told = await tell(scratch);
      expect(told.exitCode, told.output).toBe(0);
      for (const promise of [
        "production-2",
        "does not count",
        "in the middle of an operation",
        "record.html",
      ])
        expect(told.output).toContain(promise);
      expect(told.output).not.toMatch(/the-token-of|postgresql:\/\/[^*]/);
      // Node itself keeps what npm compiled.
      expect((await readdir(scratch)).filter((name) => name !== "node-compile-cache")).toEqual([]);
      expect(await processesOf(scratch)).toEqual([]);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  },
);

function tell(scratch: string): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, TMPDIR: scratch, NO_COLOR: "1" }, maxBuffer: 1 << 26 };
    execFile(process.execPath, [demo], options, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}\n${stderr}` });
    });
  });
}
