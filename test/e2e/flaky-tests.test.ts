import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { repositoryOf } from "./support/repository.ts";

/** A test that fails at its first try, and a runner that writes that down. */
const runner = `
import { mkdirSync, writeFileSync } from "node:fs";
const failed = process.env.FAIRWAY_TRY === undefined;
const counts = \`tests="2" failures="\${failed ? 1 : 0}" errors="0"\`;
mkdirSync("reports", { recursive: true });
writeFileSync("reports/junit.xml", \`<testsuite name="test/cart.test.js" \${counts}>
<testcase classname="test/cart.test.js" name="adds up">\${failed ? "<failure message='no'>no</failure>" : ""}</testcase>
<testcase classname="test/cart.test.js" name="is empty"/></testsuite>\`);
console.log("run", Date.now());
process.exit(failed ? 1 : 0);
`;

it("a test that passes at its second try is told as flaky each time, and known from then on: no engine keeps its failure", async () => {
  await using repository = await repositoryOf("tiny");
  await repository.write("runner.js", runner);
  const manifest = await readFile(join(repository.path, "package.json"), "utf8");
  await repository.write("package.json", manifest.replace("node --test", "node runner.js"));
  const config = await readFile(join(repository.path, "fairway.yaml"), "utf8");
  const unit = '{ script: unit, results: "reports/*.xml", retries: 1 }';
  await repository.write("fairway.yaml", config.replace(/^checks: .*$/m, `checks: [${unit}]`));

  for (let run = 1; run <= 2; run += 1) {
    const { exitCode, stdout, output } = await repository.fairway("check");
    expect(exitCode, output).toBe(0);
    expect(stdout).toMatch(/✓ +unit .*passed at the 2nd try; 1 flaky: test\/cart.test.js > adds up/);
    expect(output).toContain("unit failed, and is run again: try 2");
  }
  const known = await repository.fairway("tests");
  expect(known.stdout).toContain("test/cart.test.js > adds up: flaky 2 times in 30 days");

  await repository.write(
    "fairway.yaml",
    config.replace(/^checks: .*$/m, `checks: [${unit.replace("retries: 1", "retries: 0")}]`),
  );
  const runs: string[] = [];
  for (let run = 1; run <= 2; run += 1) {
    const { exitCode, output } = await repository.fairway("check");
    expect(exitCode, output).toBe(1);
    expect(output).toContain(
      "unit: its step ended with exit code 1: 1 test failed: test/cart.test.js > adds up",
    );
    runs.push(/run \d+/.exec(output)?.[0] ?? "none");
  }
  expect(new Set(runs).size).toBe(2);

  const verified = await repository.fairway("verify");
  expect(verified.exitCode, verified.output).toBe(0);
  const history = await repository.fairway("history");
  expect(history.stdout).toContain("Nothing has been deployed yet.");
});
