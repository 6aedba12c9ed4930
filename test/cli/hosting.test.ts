import { afterAll, beforeAll, expect, test } from "vitest";
import { openYard } from "./yard.ts";

// One case of each kind; all of them are in test/slow/module-hosting.test.ts.
let opened: Awaited<ReturnType<typeof openYard>>;
beforeAll(async () => {
  opened = await openYard();
});
afterAll(() => opened[Symbol.asyncDispose]());

const fairway = (...words: Parameters<typeof opened.fairway>) => opened.fairway(...words);
const answer = (line: string) => opened.answer(line);

test("a chain goes through objects of the module and of the engine, with flags of all kinds", async () => {
  expect(
    await answer("call ship --name Ada --grade POOR renamed --name Bo on-deck file --path log.txt contents"),
  ).toBe("Ada under blue\n");
});

test("a chain is read as a whole before anything is run", async () => {
  const { code, stderr } = await fairway("base with-new-file --pth /x");
  expect(stderr).toContain("unknown flag --pth of with-new-file (did you mean --path?)");
  expect(stderr).not.toContain("embedded engine (");
  expect(code).toBe(2);
});

test("what is not JSON is lost between two calls, as it would be on a real engine", async () => {
  const { code, stderr } = await fairway("ship --name A built");
  expect(stderr).toContain("Ship.built uses a #private member");
  expect(code).toBe(1);
});

test("a function without `never` is answered from the cache, which is said", async () => {
  const first = await answer("draught");
  const { stdout, stderr } = await fairway("draught");
  expect(stdout).toBe(first);
  expect(stderr).toMatch(/Yard\.draught: the answer of \d+ s ago, from the cache/);
});

test("checks are listed as Dagger lists them", async () => {
  expect(await answer("check -l")).toBe(
    "Name           Description\nyard:paint     Is the paint dry?\nyard:pumping   Do the pumps work?\n",
  );
});

test("a program that is run has a session, and its exit code is the command's", async () => {
  const { code, stdout } = await fairway("run -- sh -c [echo $DAGGER_SESSION_PORT; exit 7]");
  expect(stdout).toMatch(/^\d+\n$/);
  expect(code).toBe(7);
});
