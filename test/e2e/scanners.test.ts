import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fakeNpmRegistry, lodashAdvisory } from "../support/fake-npm-registry.ts";
import { repositoryOf, type Repository } from "./support/repository.ts";

/** One repository with a vulnerable entry in its lockfile. */
let repository: Repository;

beforeAll(async () => {
  repository = await repositoryOf("tiny");
  const manifest = await readFile(join(repository.path, "package.json"), "utf8");
  const lodash = { dependencies: { lodash: "4.17.20" } };
  await repository.write("package.json", JSON.stringify({ ...(JSON.parse(manifest) as object), ...lodash }));
  const integrity =
    "sha512-PlhdFcillOINfeV7Ni6oF1TAEayyZBoZ8bcshTHqOYJYlrqzRK5hagpagky5o4HfCzzd1TRkXPMFq6cKk9rGmA==";
  const packages = {
    "": { name: "tiny", version: "1.0.0", ...lodash },
    "node_modules/lodash": { version: "4.17.20", integrity, license: "MIT" },
  };
  const lockfile = { name: "tiny", version: "1.0.0", lockfileVersion: 3, requires: true, packages };
  await repository.write("package-lock.json", JSON.stringify(lockfile));
});

afterAll(() => repository[Symbol.asyncDispose]());

async function listing(checks: string): Promise<void> {
  const yaml = await readFile(join(repository.path, "fairway.yaml"), "utf8");
  await repository.write("fairway.yaml", yaml.replace(/^checks: .*$/m, `checks: [${checks}]`));
}

it("a vulnerable entry of the lockfile is found by the package manager's own audit, and a licence that is denied", async () => {
  await using registry = await fakeNpmRegistry({ lodash: [lodashAdvisory] });
  await repository.write(".npmrc", `registry=${registry.url}\n`);
  await listing("{ scan: audit }, { scan: licenses, deny: [MIT] }");
  repository.commit("Look at the dependencies");
  const { exitCode, output } = await repository.fairway("check");
  expect(exitCode, output).toBe(1);
  expect(output).toContain("audit, licenses failed");
  expect(output).toContain("Command Injection in lodash (GHSA-35jh-r3h4-6jhm)");
  expect(output).toContain("lodash; fixed in 4.17.21");
  expect(output).toContain("lodash: MIT is denied");
  expect(registry.asked).toEqual([{ lodash: ["4.17.20"] }]);

  // Nothing is known of it any more. The day's answer is kept; what kept the question from being asked would not be.
  const again = await repository.fairway("check", "--only", "audit");
  expect(again.exitCode, again.output).toBe(1);
  expect(registry.asked).toHaveLength(1);
});

it("a registry that answers no audit is insufficient, in its own words and with another way", async () => {
  await listing("{ scan: audit }");
  await using silent = await fakeNpmRegistry(null);
  await repository.write(".npmrc", `registry=${silent.url}\n`);
  repository.commit("Use a mirror");
  const held = await repository.fairway("check");
  expect(held.exitCode, held.output).toBe(3);
  expect(held.output).toContain("could not be settled");
  expect(held.output).toContain("the audit got no answer: 404 Not Found");
  expect(held.output).toContain("{ scan: osv-scanner }");
});
