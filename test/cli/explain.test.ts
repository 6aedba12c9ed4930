import { hash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { offline } from "../../src/cli/explain/offline.ts";
import { systemClock } from "../../src/model/clock.ts";
import { openSqliteLedger } from "../../src/providers/ledgers/sqlite.ts";
import { readState, release } from "../../src/release/release.ts";
import { releaseContext, simulatedTarget, virtualClock } from "../../src/testing/testing.ts";
import { candidateOf, releaseOf } from "../support/releases.ts";

const bin = join(import.meta.dirname, "../../bin/fairway.js");
const commit = "4f2a9c14f2a9c14f2a9c14f2a9c14f2a9c14f2a9";
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "fairway-explain-"));
  const files = {
    "fairway.yaml":
      "name: tiny\nchecks: [lint, unit]\nservices:\n" +
      "  api: { dockerfile: Dockerfile, port: 3000, ready: /ready }\n" +
      "  web: { dockerfile: Dockerfile, port: 3001, ready: /ready, needs: [api] }\n" +
      "environments:\n  local: { target: local, registry: loopback }\n" +
      "  guarded: { target: local, registry: loopback, after: local }\n" +
      "  staging:\n    branch: main\n    registry: { url: registry.example/acme, username: WHO, password: WHAT }\n" +
      "    ledger: { git: { token: LEDGER_TOKEN } }\n" +
      "    target:\n      gitops:\n        repository: https://git.example/acme/manifests\n        path: tiny\n" +
      "        kustomize: { images: { api: tiny-api, web: tiny-web } }\n        token: GIT_TOKEN\n" +
      "        health: not observed\n",
    "package.json": JSON.stringify({
      name: "tiny",
      packageManager: "npm@11.0.0",
      scripts: { lint: "true", unit: "true", postinstall: "true" },
    }),
    "package-lock.json": JSON.stringify({ name: "tiny", lockfileVersion: 3, packages: {} }),
    Dockerfile:
      'FROM node:24-slim\nRUN npm ci\nCOPY --chown=node:node . .\nUSER node\nHEALTHCHECK CMD ["true"]\nCMD ["node"]\n',
    ".git/HEAD": "ref: refs/heads/main\n",
    ".git/refs/heads/main": `${commit}\n`,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(project, path, ".."), { recursive: true });
    await writeFile(join(project, path), text);
  }
});
afterAll(() => rm(project, { recursive: true, force: true }));

const secretsFile = async () => {
  const path = join(project, ".env.staging");
  await writeFile(path, "WHO=robot\nWHAT=hidden-1\nLEDGER_TOKEN=hidden-2\nGIT_TOKEN=hidden-3\n");
  return path;
};

/** With a hash of their contents; the shared memory of a ledger in use has a mark of each reader. */
const filesOf = async (directory: string) => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hashOf = async (path: string) =>
    path.endsWith("-shm") ? "" : hash("sha256", await readFile(path), "hex");
  return Promise.all(files.sort().map(async (path) => [path, await hashOf(path)]));
};

const explained = (...words: readonly string[]) =>
  execa(process.execPath, [bin, ...words], {
    ...{ cwd: project, reject: false, env: { FAIRWAY_CACHE_DIR: join(project, "cache") } },
  });

it("shows the steps of a function as a tree: in what, after what, and what at once", async () => {
  const { stdout, stderr, exitCode } = await explained("explain", "check");
  expect([exitCode, stderr]).toEqual([0, "npm 11.0.0 (package.json, package-lock.json)"]);
  await expect(`${stdout}\n`).toMatchFileSnapshot("golden/explain-check.txt");
});

it("shows them as a Mermaid graph, and as JSON, wherever the flag stands", async () => {
  const { stdout: mermaid } = await explained("explain", "--format", "mermaid", "check");
  expect(mermaid).toMatch(/^flowchart TD\n {2}s1\["1 /);
  for (const words of [
    ["explain", "check", "--json"],
    ["explain", "check", "--format=json"],
  ]) {
    const { stdout } = await explained(...words);
    expect(JSON.parse(stdout)).toMatchObject({
      function: "check",
      ended: "answered",
      why: null,
      steps: [{ number: 1 }, { after: [1] }, {}, {}, {}, {}, {}, {}, { number: 9 }],
      effects: [],
    });
  }
});

it("answers steps as a file says", async () => {
  await writeFile(
    join(project, "answers.yaml"),
    "- { when: npm run lint*, exitCode: 1, stderr: 3 problems }\n",
  );
  const { stdout } = await explained("explain", "check", "--json", "--answers", "answers.yaml");
  await rm(join(project, "answers.yaml"));
  expect(JSON.parse(stdout)).toMatchObject({ ended: "stopped", why: expect.stringContaining("lint") });
});

it("ends with 2 for answers that are none, with the place, and for a call that is wrong", async () => {
  await writeFile(join(project, "answers.yaml"), "- { then: 1 }\n");
  const wrong = await explained("explain", "check", "--answers", "answers.yaml");
  await rm(join(project, "answers.yaml"));
  expect([wrong.exitCode, wrong.stdout]).toEqual([2, ""]);
  expect(wrong.stderr).toContain("the answers in answers.yaml cannot be used");
  const missing = await explained("explain", "deploy");
  expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringContaining("--env")]);
  const none = await explained("explain");
  expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining("function")]);
});

it("shows a deploy to the operations of its plan, and leaves nothing behind", async () => {
  const before = await readdir(project, { recursive: true });
  const { stdout, stderr, exitCode } = await explained("explain", "deploy", "--env", "local");
  expect(exitCode).toBe(0);
  await expect(`${stdout}\n`).toMatchFileSnapshot("golden/explain-deploy.txt");
  await expect(`${stderr}\n`).toMatchFileSnapshot("golden/explain-deploy-notes.txt");
  expect(await readdir(project, { recursive: true })).toEqual(before);
});

it("shows what is built, scanned and published for another machine without reaching it, the same each time", async () => {
  const words = ["--secrets", `file:${await secretsFile()}`, "explain", "deploy", "--env", "staging"];
  const all = await Promise.all([1, 2].map(async () => (await explained(...words)).stdout));
  expect(new Set(all).size).toBe(1);
  const [stdout = ""] = all;
  for (const line of [
    "publish registry.example/acme/tiny/web:",
    "read registry.example/acme/tiny/api back",
    "tag registry.example/acme/tiny/api:build-<content>.<digest>",
    "gate branch is open: main",
    "2. wait until 4f2a9c1 is healthy",
  ])
    expect(stdout).toContain(line);
});

it("shows plan and images whole, and the plan as data and in the graph", async () => {
  const [{ stdout: json }, { stdout: graph }, { stdout: images, stderr }] = await Promise.all([
    explained("explain", "plan", "--env", "local", "--json"),
    explained("explain", "--format", "mermaid", "deploy", "--env", "local"),
    explained("explain", "images"),
  ]);
  expect(JSON.parse(json)).toMatchObject({
    ...{ function: "plan", ended: "answered", why: null, changes: [] },
    looks: ["look at what runs in local", expect.stringContaining(".fairway/ledger.db")],
    plan: {
      ...{ environment: "local", from: null, to: "4f2a9c1" },
      operations: expect.arrayContaining([
        { number: 1, kind: "replace-replica", title: "api 1: start 4f2a9c1" },
      ]),
    },
  });
  expect(json).not.toContain("sha256:");
  expect(graph).toContain("a7_1 --> a7_2");
  expect(images).toContain("publish 127.0.0.1:5000/tiny/web:");
  expect(stderr).not.toContain("it stops");
});

it("goes past licences and a tool by its SARIF, and says what it took them to find", async () => {
  const image = `registry.example/grype@sha256:${hash("sha256", "grype")}`;
  const checks = [
    "{ scan: licenses, deny: [AGPL-3.0-only] }",
    `{ scan: sarif, name: grype, image: "${image}", command: [grype, .], file: out/grype.sarif }`,
    "{ scan: sarif, name: own, script: lint, file: own.sarif }",
  ];
  const config = join(project, "fairway.yaml");
  const before = await readFile(config, "utf8");
  await writeFile(config, before.replace("[lint, unit]", `[${checks.join(", ")}]`));
  try {
    const { stdout, stderr, exitCode } = await explained("explain", "check");
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("grype .")]);
    expect(stderr).not.toContain("it stops");
    expect(stderr).toContain("not found out: what grype finds: nothing");
    expect(stderr).toContain(
      "not found out: which licences the dependencies are under: there are no dependencies",
    );
  } finally {
    await writeFile(config, before);
  }
});

it("shows a plan that gates hold, and says that it stops there", async () => {
  const { stdout, stderr } = await explained("explain", "deploy", "--env", "guarded");
  expect(stdout).toContain("gate promotion is refused: nothing is proven in local");
  expect(stdout).toContain("1. api 1: start 4f2a9c1");
  expect(stderr).toContain("it stops after its plan: 4f2a9c1 is refused before guarded");
});

it("says of what it would do by a ledger that is elsewhere that it is not read", async () => {
  const { stdout, stderr, exitCode } = await explained("explain", "rollback", "--env", "staging");
  expect([exitCode, stdout]).toEqual([0, "rollback\n└─ read the ledger of staging: git, which is not asked"]);
  expect(stderr).toMatch(
    /^it stops after what it reads: the ledger of staging is kept in git and is not read/,
  );
});

it("reads the ledger's file for what was live before, and changes nothing of it", async () => {
  const nothing = await explained("explain", "rollback", "--env", "local");
  expect(nothing.stderr).toMatch(/^it stops after step 1: Nothing is live in local/m);
  const path = join(project, ".fairway/ledger.db");
  const ledger = await openSqliteLedger(path, systemClock);
  const target = simulatedTarget();
  try {
    for (const version of ["1111111", "2222222"]) {
      const context = releaseContext({ ledger, target, clock: virtualClock() });
      const after = (await readState(context)).lastChange;
      const one = { release: releaseOf(version, ["api"], { replicas: 1 }), smoke: [], after };
      await release(candidateOf(version, one), context);
    }
    // While somebody else has it open, and after that.
    for (const words of [["rollback"], ["plan", "--rollback"]]) {
      const before = await filesOf(project);
      const { stdout, stderr } = await explained("explain", ...words, "--env", "local");
      expect(stdout).toContain("plan of local: 2222222 -> 1111111 (rollback)");
      expect(stdout).toContain("1. api 1: start 1111111, then drain what it replaces");
      expect(stderr).toContain("2222222, which is live by its ledger, is taken to run there");
      expect(await filesOf(project)).toEqual(before);
      await ledger.close().catch(() => undefined);
    }
    const again = await openSqliteLedger(path, systemClock);
    const started = (await again.read({ types: ["deployment-started"] })).at(-1);
    await again.append({ ...started!, deployment: "local-3" });
    await again.close();
    const [resume, down] = await Promise.all([
      explained("explain", "resume", "--env", "local"),
      explained("explain", "down", "--env", "local"),
    ]);
    expect(resume.stderr).toMatch(
      /^it stops after "get local ready": what is left to do of local-3 follows/m,
    );
    expect(down.stdout).toContain("write to the ledger of local: environment-stopped");
    expect(down.stderr).not.toContain("it stops");
  } finally {
    await rm(join(project, ".fairway"), { recursive: true });
  }
});

it("connects to nothing but its own engine", async () => {
  const server = createServer((_request, response) => response.end("reached"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const ask = async () => (await fetch(`http://127.0.0.1:${String(port)}/`)).text();
  {
    using guard = offline(port + 1);
    expect(guard).toBeDefined();
    await expect(ask()).rejects.toMatchObject({ cause: { code: "EXPLAIN_OFFLINE" } });
  }
  {
    using guard = offline(port);
    expect(guard).toBeDefined();
    expect(await ask()).toBe("reached");
  }
  server.close();
});
