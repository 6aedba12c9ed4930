import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findSdk } from "../../src/cli/module/sdk.ts";
import { harborAnswers, startFakeSession } from "../module/fake-session.ts";
import { shell } from "../support/shell.ts";

// The built CLI, as a user starts it: in a repository of its own, with an engine that is faked on the wire.
const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(root, "bin/fairway.js");
let scratch: string;
let repository: string;
let session: Awaited<ReturnType<typeof startFakeSession>>;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "fairway-cli-"));
  repository = join(scratch, "harbor");
  await cp(fileURLToPath(new URL("../module/fixtures/harbor", import.meta.url)), repository, {
    recursive: true,
  });
  await mkdir(join(repository, "node_modules/@dagger.io"), { recursive: true });
  await symlink(findSdk(root), join(repository, "node_modules/@dagger.io/dagger"));
  await mkdir(join(repository, ".git"));
  session = await startFakeSession(harborAnswers);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

interface Run {
  readonly cwd?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly nodeFlags?: readonly string[];
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

async function fairway(
  words: string,
  { cwd = repository, variables = {}, nodeFlags = [], onStderr }: Run = {},
) {
  const child = spawn(
    process.execPath,
    [...nodeFlags, bin, ...words.split(" ").filter((word) => word !== "")],
    {
      cwd,
      env: {
        ...shell,
        HOME: scratch,
        FAIRWAY_CACHE_DIR: join(scratch, "cache"),
        DAGGER_SESSION_PORT: String(session.port),
        DAGGER_SESSION_TOKEN: session.token,
        ...variables,
      },
    },
  );
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => {
    output.stderr += chunk.toString();
    onStderr?.(output.stderr, (signal) => child.kill(signal));
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...output };
}

function onceWaiting(signal: NodeJS.Signals): NonNullable<Run["onStderr"]> {
  let sent = false;
  return (text, kill) => {
    if (sent || !text.includes("waiting")) return;
    sent = true;
    kill(signal);
  };
}

describe("metrics", () => {
  test("of an environment that is down are none, and how it comes up is said beside them", async () => {
    const cwd = join(scratch, "down");
    await mkdir(join(cwd, ".git"), { recursive: true });
    await mkdir(join(cwd, ".fairway/environments/local"), { recursive: true });
    const { code, stdout, stderr } = await fairway("metrics --env local", { cwd });
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/^Nothing of local runs.*\n {2}npx fairway deploy --env local\n$/);
  });

  test("of an environment that never ran are refused, as its name may be wrong", async () => {
    const { code, stderr } = await fairway("metrics --env lokal");
    expect(code).toBe(2);
    expect(stderr).toContain("nothing of lokal has run on this machine");
  });
});

describe("a function of the repository's own module", () => {
  test("prints its text on stdout with a newline, and everything else on stderr", async () => {
    const { code, stdout, stderr } = await fairway("welcome --name Ada --berth Roads");
    expect(stdout).toBe("welcome, Ada, to the roads with 2 shots\n");
    expect(stderr).toContain("fairway welcome on Dagger (the session in DAGGER_SESSION_PORT)");
    expect(code).toBe(0);
  });

  test("gets the repository as its source, without what it ignores", async () => {
    const { stdout } = await fairway("cargo --only x");
    expect(stdout).toBe("x\na.txt\nb.txt\n");
    expect(session.queries.at(-1)).toContain(
      `directory (path: "${repository}",exclude: ["**/node_modules",".fairway"])`,
    );
  });

  test("gets another source, and a secret by name", async () => {
    await writeFile(join(scratch, ".env.test"), "A=1\n");
    const { stdout } = await fairway("password --secrets file:../.env.test --source src");
    expect(stdout).toBe("7\n");
    expect(session.queries.at(-1)).toContain(`secret (uri: "file://${join(scratch, ".env.test")}")`);
  });

  test("prints JSON for machines", async () => {
    expect(JSON.parse((await fairway("cargo --json")).stdout)).toEqual(["a.txt", "b.txt"]);
  });

  test("ends with 3 and the next command when it is held", async () => {
    const { code, stdout, stderr } = await fairway("pilot --exit-code 3");
    expect(stderr).toContain("the pilot is not here");
    expect(stderr.trimEnd().endsWith("radio him on channel 16")).toBe(true);
    expect([code, stdout]).toEqual([3, ""]);
  });

  test("says so in JSON, too", async () => {
    const { code, stdout } = await fairway("pilot --exit-code 4 --json");
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: "FAILED",
        message: "the pilot is not here",
        exitCode: 4,
        place: null,
        remedy: "radio him on channel 16",
        output: null,
      },
    });
    expect(code).toBe(4);
  });

  test("ends with 1 when a step of it exits 3, and shows the step's output", async () => {
    const { code, stderr } = await fairway("sink");
    expect(stderr).toContain("$ sh -c exit 3");
    expect(stderr).toContain("│ boom");
    expect(code).toBe(1);
  });
});

describe("the engine", () => {
  test("is the embedded one where no other is, and says so in one line", async () => {
    const { code, stdout, stderr } = await fairway("cargo", { variables: { DAGGER_SESSION_PORT: "" } });
    expect(stdout).toContain("dagger.json\n");
    expect(stderr.split("\n")[0]).toBe("fairway cargo on the embedded engine (no Dagger engine was found)");
    expect(code).toBe(0);
  });

  test("is the embedded one where it is asked for, whatever session there is", async () => {
    const { stderr, code } = await fairway("cargo --engine embedded");
    expect(stderr).toContain("on the embedded engine (as --engine asks)");
    expect(code).toBe(0);
  });

  test("that a variable names and that has ended is an error which names the variable, and what to do", async () => {
    const ended = createServer().listen(0, "127.0.0.1");
    await once(ended, "listening");
    const { port } = ended.address() as { port: number };
    ended.close();
    await once(ended, "close");
    const { code, stderr } = await fairway("cargo", { variables: { DAGGER_SESSION_PORT: String(port) } });
    expect(code).toBe(1);
    expect(stderr).toContain(
      `no Dagger session answers at port ${String(port)}, which DAGGER_SESSION_PORT names`,
    );
    expect(stderr).toContain("unset DAGGER_SESSION_PORT DAGGER_SESSION_TOKEN");
  });

  test("is never another than the one that was asked for", async () => {
    const variables = { DAGGER_SESSION_TOKEN: "" };
    const { code, stderr } = await fairway("check --engine dagger", { variables });
    expect(stderr).toContain("DAGGER_SESSION_TOKEN is not");
    expect(code).toBe(1);
  });
});

describe("a module that is changed", () => {
  let changed: string;
  beforeAll(async () => {
    changed = join(scratch, "changed");
    await cp(repository, changed, { recursive: true, verbatimSymlinks: true });
    const file = join(changed, "src/index.ts");
    const text = (await readFile(file, "utf8"))
      .replace("const text = ", 'console.log("noise");\n    console.dir({ more: 1 });\n    const text = ')
      .replace("async wait():", "async deploy(env: string, undo: boolean = false):")
      .replace('console.error("waiting");', `${waitAndFail}\n$&`);
    await writeFile(file, text);
  });
  afterAll(async () => {
    await rm(changed, { recursive: true });
  });
  const waitAndFail = `if (undo) {
      console.error("waiting for " + env);
      const tide = setInterval(() => undefined, 1000);
      await new Promise((resolve) => process.once("SIGINT", resolve));
      clearInterval(tide);
      throw Object.assign(new Error("rolled back"), { name: "FairwayError", code: "ROLLED_BACK", exitCode: 4 });
    }`;

  test("logs to stderr, and leaves stdout to the answer", async () => {
    const { stdout, stderr } = await fairway("welcome --name Ada --json", { cwd: changed });
    expect(JSON.parse(stdout)).toBe("welcome, Ada, to the basin with 2 shots");
    expect(stderr).toContain("noise\n{ more: 1 }\n");
  });

  test("a deployment that does not end in order ends with 5 and says how to go on", async () => {
    const { code, stdout, stderr } = await fairway("deploy --env roads --json", {
      cwd: changed,
      onStderr: onceWaiting("SIGINT"),
    });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "INTERRUPTED", exitCode: 5 } });
    expect(stderr).toContain("npx fairway status --env roads\n  npx fairway resume --env roads\n");
    expect(code).toBe(5);
  });

  test("a deployment that was taken back is told, also after an interrupt", async () => {
    const { code, stderr } = await fairway("deploy --env roads --undo", {
      cwd: changed,
      onStderr: onceWaiting("SIGINT"),
    });
    expect(stderr).toContain("✗ error  rolled back");
    expect(code).toBe(4);
  });
});

describe("wrong words", () => {
  test("end with 2, and say what was meant", async () => {
    expect(await fairway("wellcome")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("did you mean welcome?"),
    });
    expect(await fairway("welcome")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("npx fairway welcome --help"),
    });
  });

  test("a secret on the command line is refused, and not repeated", async () => {
    const { code, stderr } = await fairway("password --secrets hunter2");
    expect(stderr).toContain("a secret is named, not written");
    expect(stderr).not.toContain("hunter2");
    expect(code).toBe(2);
  });

  test("a directory without fairway.yaml is told at once, before any engine reads it", async () => {
    const bare = join(scratch, "bare");
    await mkdir(bare);
    const { code, stdout, stderr } = await fairway("status --engine embedded --json", { cwd: bare });
    expect((JSON.parse(stdout) as { error: unknown }).error).toMatchObject({ code: "CONFIG_MISSING" });
    expect(stderr).toContain("npx fairway init");
    expect(stderr).not.toContain("embedded engine");
    expect(code).toBe(2);
  });

  test("a limit of the cache that is no number is refused before anything starts", async () => {
    const variables = { FAIRWAY_CACHE_MAX_GB: "lots" };
    const { code, stderr } = await fairway("cargo --engine embedded", { variables });
    expect(stderr).toContain("FAIRWAY_CACHE_MAX_GB");
    expect(stderr).not.toContain("embedded engine");
    expect(code).toBe(2);
  });

  test("a module that Dagger would refuse is told with its place", async () => {
    const broken = join(scratch, "broken");
    await cp(repository, broken, { recursive: true, verbatimSymlinks: true });
    const file = join(broken, "src/index.ts");
    await writeFile(
      file,
      (await readFile(file, "utf8")).replace("name: string,", "name: Map<string, string>,"),
    );
    const { code, stderr } = await fairway("welcome --name x", { cwd: broken });
    await rm(broken, { recursive: true });
    expect(stderr).toMatch(/the module does not load: .*generics[\s\S]*at dagger\.json/);
    expect(code).toBe(2);
  });

  test.for([
    ["const broken = (1 + ;", /cannot be loaded: .*index\.ts:1:20: ERROR: Unexpected ";"/],
    ['import { x } from "no-such-package"; console.log(x);', /'no-such-package'[\s\S]*npm install/],
    ['import { x } from "./nowhere.ts"; console.log(x);', /nowhere\.ts'[\s\S]*mend the import/],
  ] as const)("a module that cannot be loaded is the user's to mend: %s", async ([line, said]) => {
    const broken = join(scratch, "unloadable");
    await cp(repository, broken, { recursive: true, verbatimSymlinks: true });
    const file = join(broken, "src/index.ts");
    await writeFile(file, `${line}\n${await readFile(file, "utf8")}`);
    const { code, stderr } = await fairway("welcome --name x", { cwd: broken });
    await rm(broken, { recursive: true });
    expect(stderr).toMatch(said);
    expect(stderr).not.toContain("please report it");
    expect(code).toBe(2);
  });
});

describe("an interrupt", () => {
  test("ends a function that waits, with 130 for SIGINT and 143 for SIGTERM", async () => {
    for (const [signal, expected] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      const { code, stderr, stdout } = await fairway("wait --json", { onStderr: onceWaiting(signal) });
      expect(stderr).toContain("stopping in order");
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: "STOPPED", exitCode: expected } });
      expect(code).toBe(expected);
    }
  });
});

describe("what needs no engine", () => {
  const loaded = async (words: string, cwd = scratch) => {
    const trace = join(scratch, "trace.txt");
    await writeFile(trace, "");
    const hook = new URL("./fixtures/trace-imports.mjs", import.meta.url).href;
    const { code, stdout } = await fairway(words, {
      cwd,
      variables: { FAIRWAY_TEST_TRACE: trace },
      nodeFlags: ["--import", hook],
    });
    return { code, stdout, modules: (await readFile(trace, "utf8")).split("\n") };
  };

  test.each(["--help", "--version", "functions", "deploy --help", "deploy", "logs --env nowhere"])(
    "does not import the SDK, TypeScript or the engine: %s",
    async (words) => {
      const { modules } = await loaded(words);
      expect(modules.length).toBeGreaterThan(3);
      expect(
        modules.filter((url) =>
          /@dagger\.io|node_modules\/typescript|node_modules\/graphql|dist\/engine/.test(url),
        ),
      ).toEqual([]);
    },
  );

  test("the second look at a team's module neither scans nor loads it", async () => {
    await fairway("functions");
    const { modules, stdout } = await loaded("functions", repository);
    expect(stdout).toContain("welcome");
    expect(
      modules.filter((url) => /@dagger\.io|node_modules\/typescript|node_modules\/tsx|harbor\/src/.test(url)),
    ).toEqual([]);
  });
});
