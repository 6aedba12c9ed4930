import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { noChromium } from "../support/chromium.ts";
import { repositoryOf } from "./support/repository.ts";

const hasRedis = ["/usr/bin", "/usr/local/bin"].some((folder) => existsSync(`${folder}/redis-server`));

it("a page is opened by a browser of the step, and a page that is wrong fails by the name of its test", async ({
  skip,
}) => {
  if (noChromium !== undefined) skip(noChromium);
  await using repository = await repositoryOf("page");
  const passed = await repository.fairway("check");
  expect(passed.exitCode, passed.output).toBe(0);
  expect(passed.stdout).toMatch(/^✓ +e2e .*passed/m);
  expect(passed.output).toMatch(/the browser: Chromium [\d.]+.* at \/usr\/bin\/chromium/);

  // Where this machine has no Redis, nobody has found out what the script would.
  const script = "{ script: e2e, browser: true, results: junit.xml";
  await repository.write("fairway.yaml", `name: page\nchecks: [${script}, redis: "8" }]\n`);
  const held = await repository.fairway("check");
  expect(held.exitCode, held.output).toBe(hasRedis ? 0 : 3);
  if (!hasRedis) expect(held.output).toContain("redis:8 has redis-server, and this machine has none");
  await repository.write("fairway.yaml", `name: page\nchecks: [${script} }]\n`);

  const page = await readFile(join(repository.path, "page.js"), "utf8");
  await repository.write("page.js", page.replace("1 + 1", "1 + 2"));
  const failed = await repository.fairway("check");
  expect(failed.exitCode, failed.output).toBe(1);
  expect(failed.output).toContain("the page said 3, in Chromium");
}, 180_000);
