import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { noChromium } from "../support/chromium.ts";
import { fakePrometheus, served } from "../support/fake-prometheus.ts";
import { shell } from "../support/shell.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-doctor-"));
  await mkdir(join(directory, ".git"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

interface Report {
  readonly ok: boolean;
  readonly findings: readonly {
    name: string;
    state: string;
    needed: boolean;
    text: string;
    remedy?: string;
  }[];
}

function doctor(variables: Readonly<Record<string, string>> = {}, ...flags: readonly string[]) {
  const { status, stdout } = spawnSync(process.execPath, [join(root, "bin/fairway.js"), "doctor", ...flags], {
    cwd: directory,
    encoding: "utf8",
    env: { ...shell, HOME: directory, ...variables },
  });
  return { status, stdout };
}

/** Without blocking: a server of the test answers it. */
async function doctorMeanwhile() {
  const env = { ...shell, HOME: directory };
  const words = [join(root, "bin/fairway.js"), "doctor", "--json"];
  return promisify(execFile)(process.execPath, words, { cwd: directory, env }).catch(
    (error: unknown) => error as { stdout: string },
  );
}

test("says of each thing whether it is there, and what to do where it is not", () => {
  const { status, stdout } = doctor({}, "--json");
  const report = JSON.parse(stdout) as Report;
  expect(report.findings.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "Node",
      "npm",
      "git",
      "sandbox",
      "limits",
      "disk",
      "Dagger SDK",
      "PostgreSQL",
      "fairway.yaml",
      "module",
      "Dagger engine",
    ]),
  );
  for (const { state, remedy } of report.findings) if (state === "missing") expect(remedy).toBeTruthy();
  expect(status).toBe(report.ok ? 0 : 1);
});

test("ends with 1 when something is missing that the embedded engine needs", () => {
  const { status, stdout } = doctor({ PATH: directory });
  expect(stdout).toMatch(/✗ missing {2}npm +not in PATH/);
  expect(stdout).toContain("The embedded engine cannot run here:");
  expect(status).toBe(1);
});

test("explains what was detected of the repository, and what its checks become", async () => {
  const scripts = { lint: "turbo run lint", dev: "vite" };
  const files = {
    "fairway.yaml": "name: x\nchecks: [lint, unit, { scan: secretlint }]\n",
    "package.json": JSON.stringify({ packageManager: "pnpm@10.34.9", scripts }),
    "pnpm-workspace.yaml": "packages: [apps/*]",
    "pnpm-lock.yaml": "",
    "turbo.json": "{}",
  };
  for (const [file, text] of Object.entries(files)) await writeFile(join(directory, file), text);
  const { stdout } = doctor();
  const lines = stdout.slice(stdout.indexOf("toolchain")).split("\n").slice(0, 4);
  expect(lines.map((line) => line.trim().replace(/\s+/g, " "))).toEqual([
    "toolchain pnpm 10.34.9 (package.json, pnpm-lock.yaml, pnpm-workspace.yaml, turbo.json), turborepo, workspaces apps/*",
    "check lint: pnpm run lint (turbo run lint)",
    "check unit: there is no unit",
    "named by no check: dev",
  ]);
  await writeFile(join(directory, "package.json"), JSON.stringify({ packageManager: "bun@1.3.0" }));
  const { findings } = JSON.parse(doctor({}, "--json").stdout) as Report;
  expect(findings.find(({ name }) => name === "toolchain")).toMatchObject({
    state: "invalid",
    text: "package.json packageManager: the package manager bun is not supported; supported: pnpm, npm, yarn, cargo",
  });
});

test("says everything for which a check would be refused", async () => {
  const files = {
    "fairway.yaml":
      "name: x\nchecks: [lint, unit, { scan: snyk }]\nservices:\n  api: { dockerfile: Dockerfile, port: 3000, ready: /ready }\nenvironments:\n  local: { target: local, optional: [codeql] }\n",
    "package.json": JSON.stringify({ packageManager: "pnpm@10.34.9", scripts: { lint: "eslint ." } }),
    "pnpm-lock.yaml": "",
  };
  for (const [file, text] of Object.entries(files)) await writeFile(join(directory, file), text);
  const { status, stdout } = doctor();
  expect(stdout).toMatch(
    /✗ invalid {2}fairway\.yaml +fairway\.yaml:6:38 environments\.local\.optional\[0\]: .*there is no check codeql/,
  );
  expect(stdout).toContain("the check unit runs unit: package.json has no script unit");
  expect(stdout).toContain("services.api.dockerfile: Dockerfile is not in the repository");
  expect(stdout).toContain("To be mended in this repository: fairway.yaml");
  await writeFile(join(directory, "fairway.yaml"), "name: x\nchecks: [lint, { scan: snyk }]\n");
  expect(doctor().stdout).toContain("with SNYK_TOKEN in what --secrets names");
  expect(status).toBe(1);
});

test("reads fairway.yaml, and shows what is wrong with it where it stands", async () => {
  await writeFile(join(directory, "fairway.yaml"), "name: x\nenvironments:\n  local: { target: moon }\n");
  const { status, stdout } = doctor({}, "--json");
  const { ok, findings } = JSON.parse(stdout) as Report;
  const config = findings.find(({ name }) => name === "fairway.yaml");
  expect(config?.state).toBe("invalid");
  expect({ ok, status }).toEqual({ ok: false, status: 1 });
  expect(`${config?.text ?? ""}\n${config?.remedy ?? ""}`).toContain("fairway.yaml");
});

test("asks each source of figures whether it answers, and says what to do about one that does not", async () => {
  const config = (url: string) =>
    writeFile(
      join(directory, "fairway.yaml"),
      `name: x
services: { api: { dockerfile: Dockerfile, port: 3000, ready: /ready } }
environments:
  local:
    target: local
    metrics:
      figures: { prometheus: { url: "${url}" } }
      orders: { web: { url: "${url}/orders/\${version}", values: { n: /n } } }
`,
    );
  const fake = fakePrometheus();
  const server = await served((url, headers) => fake.answer(url, headers));
  await config(server.url);
  const found = async () => {
    const { findings } = JSON.parse((await doctorMeanwhile()).stdout) as Report;
    return findings.find(({ name }) => name === "metrics");
  };
  expect(await found()).toMatchObject({ state: "ok", text: "figures, orders: each answers" });
  await server[Symbol.asyncDispose]();
  const silent = await found();
  expect(silent).toMatchObject({ state: "missing", needed: false });
  expect(silent?.text).toMatch(/figures \(prometheus\) .*ECONNREFUSED.*; orders \(web\) .*ECONNREFUSED/);
  expect(silent?.remedy).toContain("fairway.yaml environments.local.metrics.figures: See whether it runs");
});

test("says of a browser and of Redis whether this machine has one for the checks that want it, and nothing where none does", async () => {
  const about = () => {
    const { findings } = JSON.parse(doctor({}, "--json").stdout) as Report;
    return findings.filter(({ name }) => name === "browser" || name === "Redis");
  };
  await writeFile(join(directory, "fairway.yaml"), "name: x\nchecks: [e2e]\n");
  expect(about()).toEqual([]);
  const checks = '[{ script: e2e, browser: true }, { script: unit, redis: "8" }]';
  await writeFile(join(directory, "fairway.yaml"), `name: x\nchecks: ${checks}\n`);
  const [browser, redis] = about();
  expect(browser).toMatchObject(
    noChromium === undefined
      ? { state: "ok", text: expect.stringMatching(/^(Chromium|Google Chrome) .*, for e2e$/) }
      : { state: "missing", remedy: expect.stringContaining("apt-get install chromium") },
  );
  const hasRedis = existsSync("/usr/bin/redis-server") || existsSync("/usr/local/bin/redis-server");
  expect(redis).toMatchObject(
    hasRedis
      ? { state: "ok", text: "redis-server, for unit" }
      : { state: "missing", needed: false, remedy: expect.stringContaining("install redis-server") },
  );
});

test("says of each listed scanner whether it can run here, and what nobody looks at", async () => {
  await writeFile(join(directory, "package.json"), '{ "packageManager": "npm@11.6.0" }');
  await writeFile(join(directory, "package-lock.json"), "{}");
  const image = `registry.example/codeql@sha256:${"0".repeat(64)}`;
  await writeFile(
    join(directory, "fairway.yaml"),
    `name: x
checks: [{ scan: secretlint }, { scan: codeql, image: "${image}" }]
services: { api: { dockerfile: Dockerfile, port: 3000, ready: /ready } }
environments: { local: { target: local } }
`,
  );
  const { findings } = JSON.parse(doctor({}, "--json").stdout) as Report;
  const scanners = findings.find(({ name }) => name === "scanners");
  expect(scanners).toMatchObject({ state: "missing", needed: false });
  expect(scanners?.text).toBe(
    `can run here: secretlint; codeql cannot: nothing on this machine can stand in for the image ${image}; ` +
      "nobody looks at the dependencies in package-lock.json",
  );
  expect(scanners?.remedy).toMatch(/codeql: use the real engine.*\nin checks: \{ scan: audit \}/);
});

test("works where the team's module is broken, and says what is wrong with it", async () => {
  await writeFile(join(directory, "dagger.json"), '{ "name": "x", "sdk": { "source": "typescript" } }');
  const { findings } = JSON.parse(doctor({}, "--json").stdout) as Report;
  expect(findings.find(({ name }) => name === "module")).toMatchObject({ state: "invalid" });
});

test("names what a real engine would hide in the team's module by file and line, with what to write instead", async () => {
  const ci = join(directory, "ci");
  const files = {
    "dagger.json": '{ "name": "shop", "sdk": { "source": "typescript" } }',
    "src/index.ts":
      'import { func, object } from "@dagger.io/dagger";\n@object()\nexport class Store {\n  @func() id(): string { return "" }\n}\n',
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(ci, name, ".."), { recursive: true });
    await writeFile(join(ci, name), text);
  }
  await mkdir(join(ci, "node_modules/@dagger.io"), { recursive: true });
  await symlink(join(root, "node_modules/@dagger.io/dagger"), join(ci, "node_modules/@dagger.io/dagger"));
  const told = doctor({}, "--json");
  const { findings } = JSON.parse(told.stdout) as Report;
  const module = findings.find(({ name }) => name === "module");
  expect(module?.state).toBe("trap");
  expect(told.status).toBe(1);
  expect(doctor().stdout).toContain("To be mended in this repository: module, as said above.");
  expect(module?.text).toBe("ci/dagger.json: a Dagger engine would refuse, hide or change something");
  expect(module?.remedy?.split("\n")).toEqual([
    expect.stringMatching(
      /^ci\/src\/index\.ts:3: no class is named Shop, after the module.*; name the main class Shop/,
    ),
    expect.stringMatching(/^ci\/src\/index\.ts:4: Store\.id: .*; give the function another name$/),
  ]);
});
