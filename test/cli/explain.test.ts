import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { offline } from "../../src/cli/explain/offline.ts";

const bin = join(import.meta.dirname, "../../bin/fairway.js");
const commit = "4f2a9c14f2a9c14f2a9c14f2a9c14f2a9c14f2a9";
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "fairway-explain-"));
  const files = {
    "fairway.yaml":
      "name: tiny\nchecks: [lint, unit]\nservices:\n  api: { dockerfile: Dockerfile, port: 3000, ready: /ready }\nenvironments:\n  local: { target: local, registry: loopback }\n",
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

const explained = (...words: readonly string[]) =>
  execa(process.execPath, [bin, ...words], {
    ...{ cwd: project, reject: false, env: { FAIRWAY_CACHE_DIR: join(project, "cache") } },
  });

it("shows the steps of a function as a tree: in what, after what, and what at once", async () => {
  const { stdout, stderr, exitCode } = await explained("explain", "check");
  expect([exitCode, stderr]).toEqual([0, ""]);
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

it("shows a deploy as far as it goes without effects, says why it ends there, and leaves nothing behind", async () => {
  const before = await readdir(project, { recursive: true });
  const { stdout, stderr, exitCode } = await explained("explain", "deploy", "--env", "local");
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Dockerfile:2 RUN npm ci");
  expect(stdout).toMatch(/publish 127\.0\.0\.1:5000\/tiny\/api:\S+ from/);
  expect(stderr).toMatch(/^it cannot be told further without running steps: 127\.0\.0\.1:5000/);
  expect(await readdir(project, { recursive: true })).toEqual(before);
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
