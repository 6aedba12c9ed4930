import type { ReturnType } from "@dagger.io/dagger";
import { describe, expect, it } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import { usageError } from "../../../src/model/errors.ts";
import { type ProgressEvent, progressTo, silentProgress } from "../../../src/model/progress.ts";
import { type Check, defineCheck, openProject, runChecks } from "../../../src/steps/steps.ts";
import { requireEvidence } from "../../../src/release/gates/gates.ts";
import { failureOf } from "../../support/failure-of.ts";
import { execError, fakeClient, type FakeOptions } from "../fake-client.ts";

const shop = {
  "package.json": JSON.stringify({
    packageManager: "pnpm@10.34.9",
    scripts: { lint: "eslint .", unit: "vitest run", "test:integration": "vitest" },
  }),
  "pnpm-lock.yaml": "",
  "turbo.json": "{}",
  "packages/database/package.json": "{}",
  "packages/database/prisma/schema.prisma": "",
};

const service = { dockerfile: "Dockerfile", port: 3000, ready: "/" };
const database = { prisma: { schema: "packages/database/prisma/schema.prisma" } };

async function prepare(checks: unknown[], options: FakeOptions = {}, custom: readonly Check[] = []) {
  const fake = fakeClient({ files: shop, ...options });
  const config = validateConfig({ name: "shop", checks, services: { api: service }, database }, "test");
  const project = await openProject(fake.client, fake.source, config);
  return {
    ...fake,
    context: { project, progress: silentProgress, command: "npx fairway", custom, now: new Date() },
  };
}

const any = "ANY" as unknown as ReturnType;

describe("running checks", () => {
  it("runs the scripts of the root package.json through the package manager, after one install", async () => {
    const { context, execs } = await prepare(["lint", "unit"]);
    const evidence = await runChecks(context);
    expect(evidence.map(({ name, verdict }) => [name, verdict])).toEqual([
      ["lint", "pass"],
      ["unit", "pass"],
    ]);
    const commands = execs.map((argv) => argv.join(" "));
    expect(commands.filter((text) => text.startsWith("pnpm install"))).toHaveLength(1);
    expect(commands).toEqual(expect.arrayContaining(["pnpm run lint", "pnpm run unit"]));
  });

  it("fails with the step's own output and the command that repeats it, and goes on with the others", async () => {
    const { context } = await prepare(["lint", "unit"], {
      exec: (argv) => {
        if (argv.includes("lint"))
          throw execError(4, "src/a.ts:3: \u001b[31mno floating\u001b[39m promises", "ELIFECYCLE");
        return "";
      },
    });
    const [lint, unit] = await runChecks(context);
    expect(lint).toMatchObject({
      verdict: "fail",
      summary: "its step ended with exit code 4",
      details: "src/a.ts:3: no floating promises\nELIFECYCLE",
      repeat: "npx fairway check --only lint",
    });
    expect(unit?.verdict).toBe("pass");
  });

  it.each([1, 2, 3, 4, 5, 130])("fails with exit code 1 where a tool exits %d", async (exitCode) => {
    const exec = (argv: readonly string[]) => {
      if (argv.includes("unit")) throw execError(exitCode, "", "");
      return "";
    };
    const evidence = await runChecks((await prepare(["unit"], { exec })).context);
    expect(evidence).toMatchObject([{ verdict: "fail" }]);
    const waiting = { subject: "production", again: "npx fairway deploy --env production" };
    const error = await failureOf((async () => requireEvidence(evidence, waiting))());
    expect(error).toMatchObject({ code: "CHECK_FAILED", exitCode: 1 });
  });

  it("tells the last lines of a long output, and how many stood before them", async () => {
    const output = Array.from({ length: 200 }, (_, line) => `line ${String(line)}`).join("\n");
    const { context } = await prepare(["lint"], {
      exec: (argv) => {
        if (argv.includes("lint")) throw execError(1, output);
        return "";
      },
    });
    const [lint] = await runChecks(context);
    expect(lint).toMatchObject({
      details: expect.stringMatching(/^\.\.\. 140 lines before\nline 140\n[^]*line 199$/),
    });
  });

  it("tells what has finished when it is stopped, and of the rest that it was: the engine's words are no finding", async () => {
    const stop = new AbortController();
    const { context } = await prepare(["lint"], {
      exec: (argv) => {
        if (!argv.includes("lint")) return "";
        stop.abort(new Error("stopped by SIGINT"));
        throw new Error("Encountered an unknown error while requesting data via graphql");
      },
    });
    const slow = defineCheck("slow", () => new Promise<string>(() => undefined));
    const done = defineCheck("done", () => ({ verdict: "fail", summary: "1 fault", details: "there" }));
    const evidence = await runChecks({ ...context, custom: [slow, done], signal: stop.signal });
    const told = Object.fromEntries(evidence.map(({ name, verdict, summary }) => [name, [verdict, summary]]));
    expect(told).toMatchObject({
      lint: ["insufficient", "stopped"],
      slow: ["insufficient", "stopped"],
      done: ["fail", "1 fault"],
    });
  });

  it("does not wait for one longer than its time limit, and tells the others", async () => {
    const forever = () => new Promise<string>(() => undefined);
    const slow = defineCheck("slow", forever, { timeoutMinutes: 0.001 });
    const { context } = await prepare(["lint"], {}, [slow]);
    expect(await runChecks(context)).toMatchObject([
      { name: "lint", verdict: "pass" },
      {
        ...{ name: "slow", verdict: "insufficient", summary: "stopped after 0.001 minutes, its time limit" },
        missing: expect.stringContaining("timeoutMinutes") as string,
      },
    ]);
  });

  it("is insufficient, never a pass, when a check could not be run", async () => {
    const broken = defineCheck("scan", () => {
      throw Object.assign(new Error("failed to resolve image"), {
        extensions: { fairway: { remedy: "npm install --save-dev it" } },
      });
    });
    const { context } = await prepare(["lint"], {}, [broken]);
    const [lint, scan] = await runChecks(context);
    expect(lint?.verdict).toBe("pass");
    expect(scan).toMatchObject({
      verdict: "insufficient",
      summary: "could not be run: failed to resolve image",
      missing: "npm install --save-dev it",
    });
  });

  it("takes a custom check's own answer, or its container", async () => {
    const answers = [
      defineCheck("licenses", () => ({ verdict: "fail", summary: "2 packages", details: "AGPL-3.0: x, y" })),
      defineCheck("audit", ({ dag }) => dag.container().from("node:24").withExec(["npm", "audit"])),
    ];
    const { context, execs } = await prepare([], {}, answers);
    const evidence = await runChecks(context, ["licenses", "audit"]);
    expect(evidence.map(({ name, verdict }) => [name, verdict])).toEqual([
      ["licenses", "fail"],
      ["audit", "pass"],
    ]);
    expect(execs).toContainEqual(["npm", "audit"]);
  });

  it("an answer that is none leaves that check unsettled, says which and why, and the others are told", async () => {
    const place = { path: "a.ts", line: 0 };
    const finding = { tool: "own", kind: "code", severity: "high", rule: "r", title: "t", message: "m" };
    const answers: readonly (readonly [unknown, string])[] = [
      [{ verdict: "ok" }, "verdict: "],
      [{ verdict: "fail", summary: "1 fault" }, "details: "],
      [{ findings: [finding], problems: [] }, "findings.0.locations: "],
      [
        { findings: [{ ...finding, locations: [place], aliases: [], weaknesses: [] }], problems: [] },
        "findings.0.locations.0.line: ",
      ],
      [{ findings: [], problems: [], verdict: "fail" }, "it has a verdict and findings"],
      [undefined, "it is undefined"],
      [{ passed: true }, "neither a verdict nor findings: { passed: true }"],
    ];
    for (const [answer, words] of answers) {
      const { context } = await prepare(["lint"], {}, [defineCheck("own", () => answer as string)]);
      const [lint, own] = await runChecks(context);
      expect(lint?.verdict).toBe("pass");
      expect(own).toMatchObject({ name: "own", verdict: "insufficient" });
      expect(own?.summary).toContain(words);
      expect(own).toMatchObject({ missing: expect.stringContaining("Let it answer a container") as string });
    }
  });

  it("a step of a team's own passes with 0 alone, also where it may end with any code", async () => {
    const check = defineCheck("own", ({ dag }) => dag.container().withExec(["grype"], { expect: any }));
    const bad = await prepare([], { exitCode: 3, exec: () => "2 problems" }, [check]);
    expect(await runChecks(bad.context)).toMatchObject([
      { verdict: "fail", summary: "its step ended with exit code 3: 2 problems", details: "2 problems" },
    ]);
    const good = await prepare([], {}, [check]);
    expect(await runChecks(good.context)).toMatchObject([{ verdict: "pass" }]);
    const without = await prepare([], {}, [
      defineCheck("image", ({ dag }) => dag.container().from("alpine")),
    ]);
    expect(await runChecks(without.context)).toMatchObject([{ verdict: "pass" }]);
  });

  it("runs only what is asked for, and names what there is when asked for something else", async () => {
    const { context, execs } = await prepare(["lint", "unit"]);
    expect((await runChecks(context, ["unit"])).map(({ name }) => name)).toEqual(["unit"]);
    expect(execs.flat()).not.toContain("lint");
    await expect(runChecks(context, ["unti"])).rejects.toMatchObject({
      code: "CHECK_UNKNOWN",
      exitCode: 2,
      remedy: "unti: did you mean unit? (known: lint, unit)",
    });
  });

  it("names every script that does not exist, and those that do, before anything runs", async () => {
    const { context, execs } = await prepare(["lint", "typecheck", "e2e"]);
    await expect(runChecks(context)).rejects.toMatchObject({
      code: "SCRIPT_MISSING",
      exitCode: 2,
      message: expect.stringMatching(/typecheck.*e2e/),
      remedy: "It has: lint, unit, test:integration",
    });
    expect(execs).toEqual([]);
  });

  it("stops for what is wrong usage, once the other checks have ended", async () => {
    const wrong = defineCheck("wrong", () => {
      throw usageError("no such option");
    });
    const { context, execs } = await prepare(["lint"], {}, [wrong]);
    await expect(runChecks(context)).rejects.toMatchObject({ exitCode: 2 });
    expect(execs).toContainEqual(["pnpm", "run", "lint"]);
  });

  it("says that install and checks came from the cache when their steps ran before the call", async () => {
    const events: ProgressEvent[] = [];
    const { context } = await prepare(["lint"], { stamp: 1_700_000_000 });
    const [lint] = await runChecks({ ...context, progress: progressTo((event) => events.push(event)) });
    expect(lint).toMatchObject({ verdict: "pass", cached: true, durationMs: 0 });
    expect(events).toEqual([
      { type: "note", text: "pnpm 10.34.9 (package.json, pnpm-lock.yaml, turbo.json), turborepo" },
      { type: "started", id: "task-1", name: "install with pnpm" },
      { type: "finished", id: "task-1", outcome: "cached" },
      { type: "started", id: "task-2", name: "lint" },
      { type: "finished", id: "task-2", outcome: "cached" },
    ]);
  });

  it("does not say so of what ran just now", async () => {
    const { context } = await prepare(["lint"]);
    const [lint] = await runChecks(context);
    expect(lint).not.toHaveProperty("cached");
  });
});

describe("the integration check", () => {
  it("migrates a database of its own and runs the script, in one step, with the address in the variable", async () => {
    let chain: readonly (readonly unknown[])[] = [];
    const { context, execs } = await prepare(
      [{ integration: { postgres: "17", variable: "TEST_DATABASE_URL" } }],
      {
        exec: (argv, before) => {
          if (argv.join(" ").includes("test:integration")) chain = before;
          return "";
        },
      },
    );
    expect((await runChecks(context))[0]).toMatchObject({ name: "integration", verdict: "pass" });
    const step = execs.find((argv) => argv.join(" ").includes("test:integration"));
    expect(JSON.parse(step?.at(-1) ?? "")).toEqual({
      migrate: ["pnpm", "exec", "prisma", "migrate", "deploy", "--schema", "prisma/schema.prisma"],
      test: ["pnpm", "run", "test:integration"],
    });
    const url = "postgresql://postgres:ephemeral@db:5432/app";
    expect(chain).toEqual(
      expect.arrayContaining([
        ["withServiceBinding", "db", expect.anything()],
        ["withEnvVariable", "TEST_DATABASE_URL", url],
        ["withEnvVariable", "DATABASE_URL", url],
        ["withEnvVariable", "PRISMA_DIRECTORY", "/workspace/packages/database"],
      ]),
    );
  });
});

describe("checks that need others", () => {
  const needing = (name: string, ...needs: string[]) => ({ script: name, needs });

  it("are run when what they need has passed, and beside all others", async () => {
    const { context, execs } = await prepare([needing("lint", "unit"), "unit"]);
    const names: string[] = [];
    const progress = progressTo((event) => {
      if (event.type === "started") names.push(event.name);
    });
    const evidence = await runChecks({ ...context, progress });
    expect(evidence.map(({ name, verdict }) => [name, verdict])).toEqual([
      ["lint", "pass"],
      ["unit", "pass"],
    ]);
    const order = execs.map((argv) => argv.join(" ")).filter((text) => text.startsWith("pnpm run"));
    expect(order).toEqual(["pnpm run unit", "pnpm run lint"]);
    expect(names.slice(-2)).toEqual(["unit", "lint (after unit)"]);
  });

  it("are not run where it failed, nor is what needs them, and say so; others are run", async () => {
    const exec = (argv: readonly string[]) => {
      if (argv.includes("unit")) throw execError(1, "red");
      return "";
    };
    const ran: string[] = [];
    const custom = [
      defineCheck("last", () => (ran.push("last"), "never"), { needs: ["lint"] }),
      defineCheck("free", () => (ran.push("free"), "well")),
    ];
    const { context } = await prepare([needing("lint", "unit"), "unit"], { exec }, custom);
    const ends: ProgressEvent[] = [];
    const progress = progressTo((event) => {
      if (event.type === "finished") ends.push(event);
    });
    const evidence = await runChecks({ ...context, progress });
    expect(evidence.map(({ name, verdict, summary }) => ({ name, verdict, summary }))).toEqual([
      { name: "lint", verdict: "insufficient", summary: "not run: unit failed" },
      { name: "unit", verdict: "fail", summary: "its step ended with exit code 1" },
      { name: "last", verdict: "insufficient", summary: "not run: lint did not pass" },
      { name: "free", verdict: "pass", summary: "well" },
    ]);
    expect(ran).toEqual(["free"]);
    expect(ends).toContainEqual(
      expect.objectContaining({ outcome: "skipped", detail: "not run: unit failed" }),
    );
  });

  it("bring what they need along when they are asked for alone", async () => {
    const custom = [defineCheck("last", () => "well", { needs: ["lint"] })];
    const { context } = await prepare([needing("lint", "unit"), "unit"], {}, custom);
    const evidence = await runChecks(context, ["last"]);
    expect(evidence.map(({ name }) => name)).toEqual(["lint", "unit", "last"]);
  });
});

describe("checks of what was touched", () => {
  const touched = {
    ...{ kind: "packages" as const, crates: [], paths: ["apps/api/a.ts"] },
    directories: ["apps/api"],
  };

  it("narrow the scripts that a task runner runs, run the others whole, and say which is which", async () => {
    const files = { ...shop, "package.json": shop["package.json"].replace('"eslint ."', '"turbo run lint"') };
    const { context, execs } = await prepare(["lint", "unit"], { files });
    const affected = { since: "origin/main (1a2b3c4)", touched };
    const evidence = await runChecks({ ...context, affected });
    expect(evidence.map(({ name, summary }) => [name, summary])).toEqual([
      ["lint", "passed, for apps/api and what depends on it"],
      ["unit", "passed, all of it: `unit` calls no task runner"],
    ]);
    const commands = execs.map((argv) => argv.join(" "));
    expect(commands).toEqual(
      expect.arrayContaining(["pnpm run lint --filter=...{./apps/api}", "pnpm run unit"]),
    );
  });

  it("run no script and install nothing where nothing was, and say so; a check of the team's own is run", async () => {
    const seen: unknown[] = [];
    const own = defineCheck("own", ({ affected }) => (seen.push(affected), "well"));
    const { context, execs } = await prepare(["lint"], {}, [own]);
    const affected = { since: "main (1a2b3c4)", touched: { kind: "nothing" as const } };
    const evidence = await runChecks({ ...context, affected });
    expect(evidence.map(({ name, verdict, summary }) => [name, verdict, summary])).toEqual([
      ["lint", "pass", "not run: nothing has changed since main (1a2b3c4)"],
      ["own", "pass", "well"],
    ]);
    expect(seen).toEqual([affected]);
    expect(execs).toEqual([]);
  });
});

describe("a check of the team's own", () => {
  const endOf = async (run: () => string) => {
    const { context } = await prepare([], {}, [defineCheck("own", run)]);
    const [evidence] = await runChecks(context);
    return evidence;
  };
  const thrown = (error: Error) => () => {
    throw error;
  };

  it("passes with a text, whose first line is the summary", async () => {
    expect(await endOf(() => "3 licences\nMIT\nISC\u001b[2J\n")).toMatchObject({
      ...{ verdict: "pass", summary: "3 licences", details: "MIT\nISC\\u{1b}[2J" },
    });
    expect(await endOf(() => "")).toMatchObject({ verdict: "pass", summary: "passed" });
  });

  it("fails with the message of what it throws", async () => {
    const evidence = await endOf(thrown(new Error("no lamp\n  at the gate")));
    expect(evidence).toMatchObject({
      ...{ verdict: "fail", summary: "no lamp", details: "no lamp\n  at the gate" },
      repeat: "npx fairway check --only own",
    });
    expect(await endOf(thrown(new TypeError("x is not a function")))).toMatchObject({
      ...{ verdict: "fail", summary: "x is not a function", details: expect.stringMatching(/^ +at /m) },
    });
  });

  it("does not fail for what the engine could not do: it is insufficient", async () => {
    const broken = Object.assign(new Error("nothing can stand in for oracle:19"), { code: "D100" });
    expect(await endOf(thrown(broken))).toMatchObject({ verdict: "insufficient" });
  });
});
