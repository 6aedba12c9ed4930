import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";
import { openYard, root } from "../cli/yard.ts";
import { git, gitServerMissing } from "../support/git-http-server.ts";
import { shell } from "../support/shell.ts";

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

test("a container goes to --output as an image in a tar", async () => {
  expect(await fairway("base -o image.tar")).toMatchObject({ code: 0, stdout: "" });
  const names = execFileSync("tar", ["tf", join(yard, "image.tar")], { encoding: "utf8" }).split("\n");
  expect(names).toEqual(expect.arrayContaining(["oci-layout", "index.json", "manifest.json"]));
  await rm(join(yard, "image.tar"));
  await mkdir(join(yard, "folder"));
  expect(await fairway("base -o folder")).toMatchObject({ code: 1 });
  await rm(join(yard, "folder"), { recursive: true });
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

  test("are files and folders of a repository that git serves, at a branch and a path", async (context) => {
    await using server = await gitDaemon(context);
    const at = `${server.url}#main`;
    const { stdout } = await fairway(`kinds --words a --file ${at}:docs/page.md`);
    expect(JSON.parse(stdout)).toMatchObject({ file: "a page\n" });
    expect(await answer(`--source ${at}:docs cargo`)).toBe("page.md\n");
    expect(await fairway(`--source ${at}:none cargo`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no such file or directory"),
    });
    expect(await fairway(`kinds --words a --file ${server.url}`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("names a repository, not a file in it"),
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

describe("what only the real engine has is told by name:", () => {
  const variant = async (text: string): Promise<string> => {
    const copy = join(scratch, `variant-${String(Math.random())}`);
    await cp(yard, copy, { recursive: true, verbatimSymlinks: true });
    await writeFile(join(copy, "src/index.ts"), text);
    return copy;
  };
  const other = `@func({ cache: "never" }) other(): string { return "fine"; }`;
  const duck = "export interface Duck { quack(): Promise<string> }";

  test("an interface as an argument hides its function, as an answer it cannot be called; others can", async () => {
    const copy = await variant(`import { func, object } from "@dagger.io/dagger";
${duck}
@object()
export class Yard {
  @func() async take(duck: Duck): Promise<string> { return duck.quack(); }
  @func() give(): Duck { return { quack: async () => "quack" }; }
  ${other}
}`);
    const listed = await fairway("functions", copy);
    expect(listed.stdout).not.toContain("take");
    expect(listed.stderr).toBe("Skipped 1 function(s) with unsupported types: take\n");
    expect(await fairway("take --duck x", copy)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("take takes the interface Duck"),
    });
    expect(await fairway("give", copy)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("give answers the interface Duck"),
    });
    expect((await fairway("other", copy)).stdout).toBe("fine\n");
  });

  test("@up", async () => {
    const copy = await variant(`import { dag, func, object, type Service, up } from "@dagger.io/dagger";
@object()
export class Yard {
  @func() @up() web(): Service { return dag.container().asService(); }
  ${other}
}`);
    expect(await fairway("other", copy)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Yard.web carries @up"),
    });
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

  test.for([["SIGTERM"], ["SIGINT"], ["SIGHUP"]] as const)(
    "hands %s on to the program, and ends as that does",
    async ([signal]) => {
      expect(await signalled(signal, {})).toEqual([9, `ready\ngot ${signal.slice(3)}\n`]);
    },
  );

  test("works for an ordinary user: steps, signals, and nothing left behind", async (context) => {
    if (process.getuid?.() !== 0)
      return context.skip("only root can become another user; the others here are one");
    const home = join(scratch, "ordinary");
    await mkdir(home);
    await chown(home, 65_534, 65_534);
    await chmod(scratch, 0o755);
    const user = { uid: 65_534, gid: 65_534, home };
    expect(await signalled("SIGTERM", user)).toEqual([9, "ready\ngot TERM\n"]);
    const script = `import { connection, dag } from "@dagger.io/dagger";
await connection(async () => console.log(await dag.container().from("debian:bookworm-slim").withExec(["id", "-u"]).stdout()));`;
    await writeFile(join(yard, "step.mjs"), script);
    const child = started(["node", "step.mjs"], user);
    expect(await ended(child)).toEqual([0, "0\n\n"]);
    await rm(join(yard, "step.mjs"));
    const { stdout } = spawnSync("ps", ["-u", "65534", "-o", "args="], { encoding: "utf8" });
    expect(stdout).not.toContain(home);
  });
});

interface As {
  readonly uid?: number;
  readonly gid?: number;
  readonly home?: string;
}

function started(words: readonly string[], { home = scratch, ...who }: As): ChildProcess {
  const env = { ...shell, HOME: home, FAIRWAY_CACHE_DIR: join(home, "cache") };
  const bin = join(root, "bin/fairway.js");
  return spawn(process.execPath, [bin, "run", "--", ...words], { cwd: yard, env, ...who });
}

async function ended(child: ChildProcess): Promise<[number | null, string]> {
  let out = "";
  child.stdout?.on("data", (chunk) => (out += String(chunk)));
  const [code] = (await once(child, "close")) as [number | null];
  return [code, out];
}

async function signalled(signal: NodeJS.Signals, who: As): Promise<[number | null, string]> {
  const name = signal.slice(3);
  const child = started(
    ["sh", "-c", `trap 'echo got ${name}; exit 9' ${name}; echo ready; while :; do sleep 0.1; done`],
    who,
  );
  child.stdout?.once("data", () => child.kill(signal));
  return ended(child);
}

/** A repository with one page on its branch main, served by git's own daemon. */
async function gitDaemon(context: TestContext): Promise<AsyncDisposable & { readonly url: string }> {
  const missing = gitServerMissing();
  if (missing !== undefined) return context.skip(missing);
  const folder = join(scratch, "served/repository");
  await mkdir(join(folder, "docs"), { recursive: true });
  await writeFile(join(folder, "docs/page.md"), "a page\n");
  git(folder, "init", "-q", "-b", "main");
  git(folder, "add", ".");
  git(folder, "commit", "-q", "-m", "a page");
  const port = await freePort();
  const daemon = spawn(
    "git",
    [
      ...["daemon", "--reuseaddr", "--export-all", "--listen=127.0.0.1", `--port=${String(port)}`],
      `--base-path=${join(scratch, "served")}`,
      join(scratch, "served"),
    ],
    { detached: true, stdio: "ignore" },
  );
  for (let tries = 0; tries < 100 && !(await answers(port)); tries++) await sleep(50);
  return {
    url: `git://127.0.0.1:${String(port)}/repository`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(daemon, "close");
      process.kill(-daemon.pid!, "SIGKILL");
      await closed;
    },
  };
}

async function freePort(): Promise<number> {
  await using server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
