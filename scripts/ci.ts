/**
 * What CI proves, in order: the code's checks, the suite, and the README's commands, the first demo as root and as an
 * ordinary user. Everything is run even after a failure; the last line counts tests and stages together.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { gitServerMissing } from "../test/support/git-http-server.ts";
import { noSshKeygen } from "../test/support/ssh-keygen.ts";
import { userEnvironment } from "./user-environment.ts";

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** `node scripts/ci.ts ordinary` runs the stages with that word in their title. */
const only = process.argv[2] ?? "";
const total: Count = { passed: 0, failed: 0, skipped: 0 };
const scratch = mkdtempSync(join(tmpdir(), "fairway-ci-"));
const times: string[] = [];
/** The tests that failed, told again at the end: the last lines are what is kept of a long log. */
const failures: string[] = [];
const reasons: string[] = [];

stage("npm run check", ["npm", "run", "--silent", "check"]);
suite();
stage("npm run conformance", ["npm", "run", "--silent", "conformance"]);
stage("npm run demo (empty cache)", ["npm", "run", "--silent", "demo"], {
  FAIRWAY_CACHE_DIR: join(scratch, "cache"),
});
stage("npm run demo (again)", ["npm", "run", "--silent", "demo"], {
  FAIRWAY_CACHE_DIR: join(scratch, "cache"),
});
promotion();
stage("npm run demo:canary", ["npm", "run", "--silent", "demo:canary"], {
  FAIRWAY_CACHE_DIR: join(scratch, "cache"),
});
asOrdinaryUser();

rmSync(scratch, { recursive: true, force: true });
if (reasons.length > 0) process.stdout.write(`\n${reasons.join("\n\n")}\n`);
process.stdout.write(`\n${[...times, ...failures.map((name) => `FAILED ${name}`)].join("\n")}\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 ? 0 : 1;

function stage(title: string, command: readonly string[], variables: Record<string, string> = {}): void {
  if (!title.includes(only)) return;
  process.stdout.write(`\n━━ ${title}\n`);
  const started = performance.now();
  const [program = "", ...args] = command;
  const { status } = spawnSync(program, args, {
    stdio: "inherit",
    env: { ...userEnvironment(), ...variables },
  });
  total[status === 0 ? "passed" : "failed"] += 1;
  times.push(`${status === 0 ? "ok    " : "FAILED"} ${seconds(started)}  ${title}`);
}

/** The second story needs what a team has: git with its server's half, and ssh-keygen. */
function promotion(): void {
  const title = "npm run demo:promotion";
  if (!title.includes(only)) return;
  const missing = gitServerMissing() ?? noSshKeygen;
  if (missing === null) {
    stage(title, ["npm", "run", "--silent", "demo:promotion"], { FAIRWAY_CACHE_DIR: join(scratch, "cache") });
    return;
  }
  process.stdout.write(`\n━━ ${title}: skipped, ${missing}\n`);
  total.skipped += 1;
}

/** The suite counts by its tests, not as one. */
function suite(): void {
  if (!"npm test".includes(only)) return;
  process.stdout.write("\n━━ npm test\n");
  const started = performance.now();
  const report = join(scratch, "tests.json");
  const args = [
    "test",
    "--silent",
    "--",
    "--reporter=default",
    "--reporter=./test/support/skips.ts",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ];
  const { status } = spawnSync("npm", args, { stdio: "inherit" });
  try {
    const result = JSON.parse(readFileSync(report, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      testResults: {
        name: string;
        assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
      }[];
    };
    total.passed += result.numPassedTests;
    total.failed += result.numFailedTests;
    total.skipped += result.numPendingTests;
    if (status !== 0 && result.numFailedTests === 0) total.failed += 1;
    for (const { name, assertionResults } of result.testResults) {
      for (const { fullName, status: outcome, failureMessages } of assertionResults) {
        if (outcome !== "failed") continue;
        failures.push(`${relative(process.cwd(), name)} > ${fullName}`);
        reasons.push(...failureMessages.map((message) => stripVTControlCharacters(message)));
      }
    }
  } catch {
    total.failed += 1;
  }
  times.push(`${status === 0 ? "ok    " : "FAILED"} ${seconds(started)}  npm test`);
}

/** The same story for somebody who is not root and whose home is elsewhere. */
function asOrdinaryUser(): void {
  const title = "npm run demo as an ordinary user (uid 65534)";
  if (process.getuid?.() !== 0) {
    process.stdout.write(`\n━━ ${title}: skipped, this already is an ordinary user\n`);
    total.skipped += 1;
    return;
  }
  const checkout = join(scratch, "checkout");
  cpSync(process.cwd(), checkout, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.includes("/.fairway"),
  });
  const home = join(scratch, "home");
  mkdirSync(home);
  spawnSync("chown", ["-R", "65534:65534", scratch]);
  spawnSync("chmod", ["755", scratch]);
  const asNobody = [
    "setpriv",
    "--reuid",
    "65534",
    "--regid",
    "65534",
    "--clear-groups",
    "env",
    "-C",
    checkout,
  ];
  stage(title, [...asNobody, `HOME=${home}`, `TMPDIR=${home}`, "npm", "run", "--silent", "demo"], {
    FAIRWAY_CACHE_DIR: join(home, "cache"),
  });
}

function seconds(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s`;
}
