import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { copyExample } from "../../scripts/copy-example.ts";
import { startRegistry, type PackageRegistry } from "../../scripts/registry/registry.ts";
import { userEnvironment } from "../../scripts/user-environment.ts";
import { commandsOfThePage, plantRefusedLicense } from "../e2e/support/extended.ts";

let directory: string;
let registry: PackageRegistry;
let shop: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-extended-"));
  shop = join(directory, "shop");
  registry = await startRegistry();
  await copyExample("extended", shop, { registryUrl: registry.url });
});
afterAll(async () => {
  await run("npx --no-install fairway down --env local --remove-data");
  await registry.close();
  await rm(directory, { recursive: true, force: true });
});

/** As somebody types it, in `ci` of a repository of their own. */
async function run(line: string) {
  return execa("sh", ["-ec", line], {
    cwd: join(shop, "ci"),
    env: { ...userEnvironment(), CI: "true", NO_COLOR: "1" },
    extendEnv: false,
    all: true,
    reject: false,
  });
}

it("takes the package from a registry, and commits the lockfile", async () => {
  const lockfile = JSON.parse(await readFile(join(shop, "ci/package-lock.json"), "utf8")) as {
    packages: Record<string, { integrity?: string }>;
  };
  const published = await (await fetch(new URL("@fairway/sdk/latest", registry.url))).json();
  const { integrity } = (published as { dist: { integrity: string } }).dist;
  expect(lockfile.packages["node_modules/@fairway/sdk"]?.integrity).toBe(integrity);
  const { stdout } = await execa("git", ["ls-files", "ci"], { cwd: shop });
  expect(stdout.split("\n")).toContain("ci/package-lock.json");
});

it("has nothing that a real engine would refuse, hide or change", async () => {
  const { stdout } = await run("npx fairway doctor --json");
  const { findings } = JSON.parse(stdout) as { findings: { name: string; state: string; text: string }[] };
  const module = findings.find(({ name }) => name === "module");
  expect(module).toMatchObject({
    state: "ok",
    text: expect.stringMatching(/^dagger\.json, without images, /),
  });
});

it("compiles with its own compiler and settings", async () => {
  const { exitCode, all } = await run("npm run --silent typecheck");
  expect(exitCode, all).toBe(0);
});

it("every command of the page does what the page says", async () => {
  const commands = commandsOfThePage();
  expect(commands).toContain("npx fairway deploy --env local");
  for (const command of commands) {
    const { exitCode, all } = await run(command);
    expect(exitCode, `${command}\n${all}`).toBe(0);
  }
});

it("its own check fails where a package has a licence that is refused", async () => {
  await plantRefusedLicense(shop);
  const { exitCode, all } = await run("npx fairway check --only licenses");
  expect(exitCode, all).toBe(1);
  expect(all).toContain("a licence that is refused: lamp@2.0.0");
});

it("does not deploy what does not answer under load", async () => {
  await execa("git", ["checkout", "--quiet", "."], { cwd: shop });
  await execa("sed", ["-i", "s/lantern: 2_350/lanterns: 2_350/", "src/prices.js"], { cwd: shop });
  const { exitCode, all } = await run("npx fairway deploy --env local");
  expect(exitCode, all).toBe(1);
  expect(all).toContain("http://shop:3000/lantern answered 404");
});
