import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openYard, root } from "../cli/yard.ts";

// Each case is a start of the command line; the quick ones are in test/cli/hosting.test.ts.
let opened: Awaited<ReturnType<typeof openYard>>;
let scratch: string;
let yard: string;
beforeAll(async () => {
  opened = await openYard();
  ({ scratch, yard } = opened);
});
afterAll(() => opened[Symbol.asyncDispose]());

const fairway = (...words: Parameters<typeof opened.fairway>) => opened.fairway(...words);
const answer = (line: string) => opened.answer(line);

describe("chaining", () => {
  test("goes on with the functions and fields of an object of the module", async () => {
    expect(await answer("call ship --name Ada --grade POOR renamed --name Bo worth")).toBe("Bo: poor work\n");
  });

  test("asks each object of a list", async () => {
    expect(await answer("fleet --names a,b name")).toBe("a\nb\n");
  });

  test("knows every function of the engine's types that the engine has, with flags of all kinds", async () => {
    const line =
      "base with-new-file --path /x --contents [y, z] --permissions 384 with-mounted-cache --path /c --cache v --sharing locked with-directory --path /d --source src --exclude ship.ts directory --path /d entries";
    expect(await answer(line)).toBe("index.ts\n");
  });

  test("takes flags of the command line after the last word", async () => {
    expect(await answer("ship --name Ada on-deck file --path log.txt contents --json")).toBe(
      '"Ada under blue\\n"\n',
    );
  });

  test.each([
    ["base with-nothing", "Container has no function with-nothing"],
    ["base with-new-file --pth /x", "unknown flag --pth of with-new-file (did you mean --path?)"],
    ["base with-new-file --path /x", "the flag --contents of with-new-file must be given"],
    ["base with-mounted-cache --path /c --cache v --sharing none", "--sharing cannot be 'none'"],
    ["ship --name A --output x", "--output cannot write a Ship"],
  ])("%s is refused before anything is run", async (line, message) => {
    const { code, stderr } = await fairway(line);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("embedded engine (");
    expect(code).toBe(2);
  });

  test("has help at each word", async () => {
    const { stdout } = await fairway("base directory --help");
    expect(stdout).toContain("fairway base directory [arguments] <function>");
    expect(stdout).toMatch(/\n {2}entries\n/);
    expect(stdout).toMatch(/--path string +\[required\]/);
  });
});

describe("what is printed", () => {
  test("of an object is its type in the API, and the same for the same object", async () => {
    const [one, two] = await Promise.all([answer("ship --name Ada"), answer("ship --name Ada --json")]);
    expect(one).toMatch(/^YardShip@sha256:[0-9a-f]{64}\n$/);
    expect(two).toBe(one);
  });

  test("of a list of objects is a line for each, of an enum its member, of nothing nothing", async () => {
    expect(await answer("fleet --names a,b")).toMatch(/^(- YardShip@sha256:[0-9a-f]{64}\n){2}$/);
    expect(await answer("better --grade poor")).toBe("Fine\n");
    expect(await answer("nothing")).toBe("");
  });

  test("goes to --output: a directory and a file as they are, text as text", async () => {
    const ends = await Promise.all([
      fairway("base directory --path /src -o out/tree"),
      fairway("base file --path /hello --output out/hello"),
      fairway("mark count -o out/count.txt"),
    ]);
    expect(ends.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, ""],
      [0, ""],
      [0, ""],
    ]);
    expect(await readdir(join(yard, "out/tree/src"))).toEqual(["index.ts", "ship.ts"]);
    expect(await readFile(join(yard, "out/hello"), "utf8")).toBe("hello\n");
    expect(await readFile(join(yard, "out/count.txt"), "utf8")).toBe("3\n");
    await rm(join(yard, "out"), { recursive: true });
  });
});

describe("between two calls", () => {
  test.each([
    ["lost", "Yard.lost uses a #private member"],
    ["ship --name A built", "Ship.built uses a #private member"],
    ["wreck", "Ship.rats is no declared property of its class"],
  ])("%s loses what is not JSON, as it would on a real engine", async (line, message) => {
    const { code, stderr } = await fairway(line);
    expect(stderr).toContain(message);
    expect(code).toBe(1);
  });
});

describe("arguments", () => {
  test("are lists with quotes, numbers, switches, files, secrets, volumes, and null where nothing was given", async () => {
    const line =
      'kinds --words ["a, b",c] --words d --count 3 --loud --file dagger.json --secret env:WORD --volume v';
    const { stdout } = await fairway(line, yard, { WORD: "12345" });
    expect(JSON.parse(stdout)).toEqual({
      ...{ words: ["a, b", "c", "d"], count: 3, loud: true, note: null, secret: 5, volume: true },
      file: await readFile(join(yard, "dagger.json"), "utf8"),
    });
  });

  test("are services that answer, and refused where none does", async () => {
    await using server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const { stdout } = await fairway(`kinds --words a --service tcp://127.0.0.1:${String(port)}`);
    expect(JSON.parse(stdout)).toMatchObject({ ports: 1 });
    expect(await fairway("kinds --words a --service 127.0.0.1")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("a service is tcp://host:port"),
    });
  });

  test("that are left out come from the repository, and from beside dagger.json", async () => {
    expect(await answer("cargo")).toBe("dagger.json\nsrc/\n");
    expect(await answer("beside")).toBe("index.ts\nship.ts\n");
  });

  test("of a module that -m names come from the repository that contains it", async () => {
    const elsewhere = join(scratch, "elsewhere");
    await mkdir(join(elsewhere, ".git"), { recursive: true });
    await writeFile(join(elsewhere, "other.txt"), "");
    expect((await fairway("-m ../yard cargo", elsewhere)).stdout).toBe("dagger.json\nsrc/\n");
  });
});

describe("functions that their class marks", () => {
  test("as checks are listed as Dagger lists them, and run side by side; one that fails stops no other", async () => {
    expect(await answer("check -l")).toBe(
      "Name           Description\nyard:paint     Is the paint dry?\nyard:pumping   Do the pumps work?\n",
    );
    expect(await fairway("check")).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^✓ yard:paint\n✗ yard:pumping {2}the pump is blocked\n {2}at src\/index\.ts:\d+\n$/,
      ),
    });
    expect(await fairway("check paint")).toMatchObject({ code: 0, stdout: "✓ yard:paint\n" });
    expect(await fairway("check hull")).toMatchObject({ code: 2 });
  });

  test("as generators show what they would change, and write it when told to", async () => {
    const copy = join(scratch, "generated");
    await cp(yard, copy, { recursive: true, verbatimSymlinks: true });
    const shown = { code: 0, stdout: "yard:inventory\n+ inventory.txt\n" };
    expect(await fairway("generate", copy)).toMatchObject(shown);
    expect(await readdir(copy)).not.toContain("inventory.txt");
    expect(await fairway("generate -y", copy)).toMatchObject(shown);
    expect(await readFile(join(copy, "inventory.txt"), "utf8")).toBe("dagger.json\nsrc/\n");
    expect((await fairway("generate", copy)).stdout).toBe("yard:inventory\nno changes\n");
  });
});

describe("functions of", () => {
  test("what a function answers are listed, and nothing is run", async () => {
    expect(await answer("functions ship")).toContain("on-deck   All that is on deck.\n");
    expect(await answer("functions ship on-deck")).toMatch(/^with-new-file /m);
  });

  test("a toolchain in dagger.json are called on the repository that uses it", async () => {
    const user = join(scratch, "user");
    await mkdir(join(user, ".git"), { recursive: true });
    const toolchains = [
      { name: "yard", source: "../yard" },
      { name: "fairway", source: root },
      { name: "far", source: "github.com/acme/far@v1" },
    ];
    await writeFile(join(user, "dagger.json"), JSON.stringify({ name: "user", toolchains }));
    expect((await fairway("call yard cargo", user)).stdout).toBe("dagger.json\n");
    expect((await fairway("call fairway --help", user)).stdout).toContain("deploy");
    expect(await fairway("call far x", user)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("the toolchain far is at github.com/acme/far@v1"),
    });
  });
});

describe("run", () => {
  test("gives a program a session, and ends with its exit code", async () => {
    const script = `import { connection, dag } from "@dagger.io/dagger";
await connection(async () => console.log(await dag.directory().withNewFile("a", "b").file("a").contents()));
process.exit(7);`;
    await writeFile(join(scratch, "yard", "session.mjs"), script);
    const { code, stdout } = await fairway("run -- node session.mjs");
    await rm(join(yard, "session.mjs"));
    expect([code, stdout]).toEqual([7, "b\n"]);
  });

  test("ends as a shell would where a signal ended the program", async () => {
    expect((await fairway("run -- sh -c [kill -9 $$]")).code).toBe(137);
    expect(await fairway("run -- no-such-program")).toMatchObject({ code: 2 });
  });
});
