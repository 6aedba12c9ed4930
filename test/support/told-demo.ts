import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { processesOf } from "../../scripts/demo/leftovers.ts";

const demos = join(import.meta.dirname, "../../scripts/demo");

/** Runs a demo to its end, which has to be a good one, and sees that nothing is left of it; answers what it printed. */
export async function toldDemo(name: string): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), `fairway-${name}-test-`));
  try {
    const told = await tell(join(demos, name, `${name}.ts`), scratch);
    expect(told.exitCode, told.output).toBe(0);
    // Node itself keeps what npm compiled.
    expect((await readdir(scratch)).filter((file) => file !== "node-compile-cache")).toEqual([]);
    expect(await processesOf(scratch)).toEqual([]);
    return told.output;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function tell(demo: string, scratch: string): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, TMPDIR: scratch, NO_COLOR: "1" }, maxBuffer: 1 << 26 };
    execFile(process.execPath, [demo], options, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}\n${stderr}` });
    });
  });
}
