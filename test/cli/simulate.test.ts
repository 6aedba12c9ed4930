import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { shell } from "../support/shell.ts";

const bin = fileURLToPath(new URL("../../bin/fairway.js", import.meta.url));
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-simulate-"));
});
afterAll(() => rm(directory, { recursive: true }));

const scenario = (expected: string) => `name: one deploy
start: 2026-03-02T09:00:00Z
environments: { production: {} }
releases: { v1: {} }
events: [{ deploy: v1 }]
expect: [${expected}]
`;

async function simulated(content: string | null, ...words: string[]) {
  if (content !== null) await writeFile(join(directory, "scenario.yaml"), content);
  const env = { ...shell, HOME: directory, FORCE_COLOR: "1", NO_COLOR: "1" };
  const child = spawn(process.execPath, [bin, "simulate", ...words], { cwd: directory, env });
  const [out, notes, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { out, notes, code: code as number | null };
}

it("ends with 0 when all that it expects holds, without colours where nobody wants them, and says how long it took", async () => {
  const { out, notes, code } = await simulated(scenario("{ live: v1 }"), "scenario.yaml");
  expect(out).toMatch(/ada {2}✓ production: api 2: start v1: ready\n/);
  expect(out).toContain("\n✓ v1 is live in production\n✓ the ledger proves unbroken\n");
  expect(out).not.toContain("\u001b[");
  expect(notes).toMatch(/hours took \d+ ms\n$/);
  expect(code).toBe(0);
});

it("ends with 1 when something of it does not hold, and says to machines what was seen instead", async () => {
  const { out, code } = await simulated(scenario("{ live: nothing }"), "scenario.yaml", "--json");
  expect(JSON.parse(out)).toMatchObject({
    holds: false,
    expectations: [{ expected: "nothing is live in production", holds: false, seen: "v1" }, { holds: true }],
    commands: [{ name: "deploy-1", outcome: "promoted", exitCode: 0 }],
    tookMs: expect.any(Number),
  });
  expect(code).toBe(1);
});

it("ends with 2 for a scenario that is wrong, with its line, and for a file that is not there", async () => {
  const wrong = await simulated(scenario("{ live: v2 }"), "scenario.yaml");
  expect(wrong.notes).toContain("scenario.yaml:6:18 expect[0].live");
  expect(wrong.code).toBe(2);
  const missing = await simulated(null, "nowhere.yaml");
  expect(missing.notes).toContain("nowhere.yaml");
  expect(missing.code).toBe(2);
});
