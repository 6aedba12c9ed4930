import { writeFile } from "node:fs/promises";
import { join } from "node:path";
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

test("checks can be chosen by a pattern, and one that fails is told with its place", async () => {
  const { code, stdout } = await fairway("check p*");
  expect(stdout).toMatch(
    /^✓ yard:paint\n✗ yard:pumping {2}the pump is blocked\n {2}at src\/index\.ts:\d+\n$/,
  );
  expect(code).toBe(1);
});

test("a default number is what the SDK reads of it, as an engine gives it to the function", async () => {
  expect(await answer("measures")).toBe("1 2\n");
});

test("what is not there is told with what is: no path of the other kind, no function of one's own elsewhere", async () => {
  const [wrongKind, unknown, up] = await Promise.all([
    fairway("kinds --words a --file src"),
    fairway("functions shipp"),
    fairway("base as-service up"),
  ]);
  expect(wrongKind.stderr).toContain("--file: src is a directory, and a file is needed");
  expect(unknown.stderr).toContain("(did you mean ship?)");
  expect(unknown.stderr).not.toContain("dagger call");
  expect(up.stderr).toContain("fairway run");
});

test("a program that is run starts its host paths where it was started", async () => {
  const query = '{host{directory(path:"."){entries}}}';
  await writeFile(join(opened.yard, "src/ask.mjs"), asking(query));
  const { stdout } = await fairway("run -- node ask.mjs", join(opened.yard, "src"));
  expect(JSON.parse(stdout)).toEqual({
    host: { directory: { entries: ["ask.mjs", "index.ts", "ship.ts"] } },
  });
});

test("a module without a function check has its checks explained, and a wrong name is told", async () => {
  const [checks, wrong, json] = await Promise.all([
    fairway("explain check"),
    fairway("explain shipp"),
    fairway("explain base with-exec --args true sync --json"),
  ]);
  expect(checks.stderr + checks.stdout).toContain("the pump is blocked");
  expect(wrong.stderr).toContain("there is no function shipp");
  expect(wrong.stderr).toContain("did you mean ship?");
  expect(JSON.parse(json.stdout)).toMatchObject({ function: "base", steps: [{ command: "true" }] });
});

/** A program that asks the session by its own wire, and prints what it answers. */
function asking(query: string): string {
  return `const { DAGGER_SESSION_PORT: port, DAGGER_SESSION_TOKEN: token } = process.env;
const answer = await fetch("http://127.0.0.1:" + port + "/query", {
  method: "POST",
  headers: { authorization: "Basic " + btoa(token + ":"), "content-type": "application/json" },
  body: JSON.stringify({ query: ${JSON.stringify(query)} }),
});
console.log(JSON.stringify((await answer.json()).data));
`;
}

test("a program's own flags stand after two dashes, which its usage says", async () => {
  expect(await answer("run --help")).toContain("fairway run [options] -- <program...>");
});

test("a program that is run has a session, and its exit code is the command's", async () => {
  const { code, stdout } = await fairway("run -- sh -c [echo $DAGGER_SESSION_PORT; exit 7]");
  expect(stdout).toMatch(/^\d+\n$/);
  expect(code).toBe(7);
});
