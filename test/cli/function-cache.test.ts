import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { functionCache } from "../../src/cli/hosting/hosting.ts";
import { policyOf } from "../../src/cli/hosting/policy.ts";
import { freeze } from "../../src/cli/hosting/state.ts";
import type { Manifest } from "../../src/cli/module/manifest.ts";
import { openLayerStore, type LayerStore } from "../../src/host/layers/layers.ts";

let root: string;
let store: LayerStore;
let nowMs: number;
let notes: string[];
let runs: number;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-function-cache-"));
  store = await openLayerStore(root);
  nowMs = Date.UTC(2026, 0, 1);
  notes = [];
  runs = 0;
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

/** What a function answers that counts how often it was run, each time in a session of its own. */
async function ask(cache: string | null, inputs: readonly unknown[] = [], value?: unknown, code = "v1") {
  const clock = { now: () => new Date(nowMs), sleep: () => Promise.resolve() };
  const session = functionCache({ store, clock, note: (text) => notes.push(text) });
  const policy = policyOf(cache, "Yard.draw");
  return session.answer({ name: "Yard.draw", policy, code: [code, "Yard.draw"], inputs }, () => {
    runs += 1;
    return Promise.resolve(value ?? runs);
  });
}

class Secret {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  id = () => Promise.resolve("id of this session");
  plaintext = () => Promise.resolve(this.#text);
}
class Directory {
  readonly #digest: string;
  constructor(digest: string) {
    this.#digest = digest;
  }
  id = () => Promise.resolve("id of this session");
  digest = () => Promise.resolve(this.#digest);
}
class Container {
  id = () => Promise.resolve("id of this session");
}

test("a function without a policy is answered from the cache for seven days, and that is said", async () => {
  expect([await ask(null), await ask(null)]).toEqual([1, 1]);
  expect(notes).toEqual([expect.stringContaining("Yard.draw: the answer of 0 s ago, from the cache")]);
  nowMs += 7 * 24 * 3_600_000 - 1;
  expect(await ask(null)).toBe(1);
  nowMs += 1;
  expect(await ask(null)).toBe(2);
});

test("a duration is kept for as long as it says, `never` not at all, `session` not beyond it", async () => {
  expect(await ask("1m30s")).toBe(1);
  nowMs += 89_000;
  expect(await ask("1m30s")).toBe(1);
  nowMs += 1_000;
  expect(await ask("1m30s")).toBe(2);
  expect([await ask("never"), await ask("never")]).toEqual([3, 4]);
  expect([await ask("session"), await ask("session")]).toEqual([5, 6]);
});

test("other code, arguments, state or content of a directory are another answer", async () => {
  const state = (name: string) =>
    freeze({ name }, { kind: "object", name: "Ship" }, {
      objects: {
        Ship: { name: "Ship", state: [{ name: "name", member: "name", type: { kind: "string" } }] },
      },
    } as unknown as Manifest);
  const calls = [
    () => ask(null, [1]),
    () => ask(null, [2]),
    () => ask(null, [state("a")]),
    () => ask(null, [state("b")]),
    () => ask(null, [new Directory("x")]),
    () => ask(null, [new Directory("y")]),
    () => ask(null, [1], undefined, "v2"),
  ];
  const once: unknown[] = [];
  for (const call of calls) once.push(await call());
  expect(new Set(once).size).toBe(calls.length);
  const twice: unknown[] = [];
  for (const call of calls) twice.push(await call());
  expect(twice).toEqual(once);
});

test("a secret counts by its value; nothing on disk has it, and an answer that repeats it is not kept", async () => {
  expect([await ask(null, [new Secret("harbor-1")]), await ask(null, [new Secret("harbor-1")])]).toEqual([
    1, 1,
  ]);
  expect(await ask(null, [new Secret("harbor-2")])).toBe(2);
  const base64 = Buffer.from("harbor-3").toString("base64");
  for (const answer of ["it is harbor-3", base64]) {
    await ask(null, [new Secret("harbor-3"), answer], answer);
    const before = runs;
    await ask(null, [new Secret("harbor-3"), answer], answer);
    expect(runs).toBe(before + 1);
  }
});

test("objects of the engine do not outlive their session: answers with one are not kept, nor what depends on one", async () => {
  for (const [inputs, value] of [
    [[], new Container()],
    [[new Container()], "text"],
  ] as const) {
    const before = runs;
    await ask(null, inputs, value);
    await ask(null, inputs, value);
    expect(runs).toBe(before + 2);
  }
});

test("an entry that is damaged is a run, not an answer", async () => {
  await ask(null);
  const [record = ""] = (await readdir(root, { recursive: true })).filter(
    (name) => /function/.test(name) && !name.includes("salt"),
  );
  for (const damage of ["{", '{"schema":1,"atMs":"soon","value":7}', "null"]) {
    await writeFile(join(root, record), damage);
    const before = runs;
    expect(await ask(null)).toBe(before + 1);
  }
});

test("a policy that is none is refused with its place", () => {
  expect(() => policyOf("daily", "Yard.draw")).toThrow('Yard.draw has the cache policy "daily"');
});
