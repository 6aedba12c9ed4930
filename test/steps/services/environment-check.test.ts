import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Secret } from "@dagger.io/dagger";
import { describe, expect, it, type TestContext } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import { silentProgress } from "../../../src/model/progress.ts";
import { checkEnvironment, openProject } from "../../../src/steps/steps.ts";
import { execError, fakeClient } from "../fake-client.ts";

const schema = `
import { z } from "zod";
export const environmentSchema = z.object({
  PORT: z.coerce.number(),
  DATABASE_URL: z.url(),
  LOG_LEVEL: z.enum(["debug", "info"]),
  SESSION_SECRET: z.string().min(20),
  API_URL: z.url(),
  CURRENCY: z.string().refine((value) => value === "EUR", { error: (issue) => "not for " + String(issue.input) }),
});
`;

/** Runs the question of the step on this machine, in a folder that stands for the workspace. */
async function ask(
  context: TestContext,
  options: {
    schema?: string;
    dockerfile?: string;
    variables?: object;
    secrets?: Record<string, string>;
    list?: string[];
  },
) {
  const directory = mkdtempSync(join(tmpdir(), "fairway-environment-"));
  context.onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  symlinkSync(join(process.cwd(), "node_modules"), join(directory, "node_modules"));
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
  writeFileSync(join(directory, "environment.ts"), options.schema ?? schema);
  const answerFile = join(directory, "answer.json");
  const fake = fakeClient({
    files: {
      "package.json": "{}",
      "package-lock.json": "{}",
      ...(options.dockerfile === undefined ? {} : { Dockerfile: options.dockerfile }),
    },
    exec: ([, ...words], chain) => {
      if (words[0] !== "--input-type=module") return "";
      const variables = Object.fromEntries(
        chain
          .filter(([name]) => name === "withEnvVariable" || name === "withSecretVariable")
          .map(([, name, value]) => [
            name,
            typeof value === "string" ? value : (value as { plaintext: string }).plaintext,
          ]),
      );
      const here = [...words.slice(0, -3), join(directory, "environment.ts"), words.at(-2) ?? "", answerFile];
      const ran = spawnSync(process.execPath, here, {
        cwd: directory,
        encoding: "utf8",
        env: { PATH: process.env["PATH"], ...variables },
      });
      if (ran.status !== 0) throw execError(ran.status ?? 1, ran.stdout, ran.stderr);
      return "";
    },
    written: (path) => (path.includes("environment") ? readFileSync(answerFile, "utf8") : "[]"),
  });
  const config = validateConfig(
    {
      name: "shop",
      services: { api: { dockerfile: "Dockerfile", port: 3040, ready: "/", envSchema: "environment.ts" } },
      database: { prisma: { schema: "schema.prisma" } },
      environments: {
        local: { target: "local", variables: options.variables ?? {}, secrets: options.list ?? [] },
      },
    },
    "test",
  );
  const project = await openProject(fake.client, fake.source, config);
  const secrets = Object.fromEntries(
    Object.entries(options.secrets ?? {}).map(([name, plaintext]) => [
      name,
      { plaintext } as unknown as Secret,
    ]),
  );
  return checkEnvironment(project, { environment: "local", secrets, operationId: "op-1" }, silentProgress);
}

const good = { LOG_LEVEL: "info", API_URL: "${services.api.url}", CURRENCY: "EUR" };

describe("the check of an environment's variables", () => {
  it("lets pass what the service's own schema accepts", async (context) => {
    await expect(
      ask(context, {
        variables: good,
        list: ["SESSION_SECRET"],
        secrets: { SESSION_SECRET: "a-long-secret-of-the-team" },
      }),
    ).resolves.toBeUndefined();
  });

  it("names every variable that is missing or wrong, its service, the schema and where to set it", async (context) => {
    const refusal = ask(context, { variables: { LOG_LEVEL: "loud" } });
    await expect(refusal).rejects.toMatchObject({
      code: "ENVIRONMENT_INVALID",
      exitCode: 2,
      place: "environment.ts",
    });
    const error = (await refusal.catch((thrown: unknown) => thrown)) as { output: string; remedy: string };
    expect(error.output).toMatch(/api: LOG_LEVEL /);
    expect(error.output).toMatch(/api: SESSION_SECRET is missing/);
    expect(error.output).toMatch(/api: API_URL is missing/);
    expect(error.output).toMatch(/api: CURRENCY is missing/);
    expect(error.output).not.toMatch(/PORT|DATABASE_URL/);
    expect(error.remedy).toContain("environments.local.services.api.variables");
  });

  it("counts what the service's own Dockerfile sets, and leaves out what only its build knows", async (context) => {
    const dockerfile = "ARG LEVEL\nFROM node:24\nENV CURRENCY=EUR LOG_LEVEL=$LEVEL";
    const rest = { API_URL: good.API_URL };
    const list = ["SESSION_SECRET"];
    const secrets = { SESSION_SECRET: "a-long-secret-of-the-team" };
    await expect(ask(context, { dockerfile, variables: rest, list, secrets })).resolves.toBeUndefined();
  });

  it("never tells a value, not even when the schema's own message holds it", async (context) => {
    const error = (await ask(context, {
      variables: { ...good, CURRENCY: "canary-4711" },
      list: ["SESSION_SECRET"],
      secrets: { SESSION_SECRET: "canary-0815" },
    }).catch((thrown: unknown) => thrown)) as Error & { output: string };
    expect(error.output).toMatch(/CURRENCY not for \*\*\*/);
    expect(error.output).toMatch(/SESSION_SECRET/);
    expect(JSON.stringify([error, error.message])).not.toContain("canary");
  });

  it("says that a secret which the config lists has no value", async (context) => {
    await expect(ask(context, { variables: good, list: ["SESSION_SECRET"] })).rejects.toMatchObject({
      output: "api: SESSION_SECRET has no value: it is listed under secrets and is not in --secrets",
      remedy: expect.stringContaining("--secrets file:.env.local"),
    });
  });

  it("reads the complaints of a module that checks process.env when it is imported", async (context) => {
    const eager = `${schema}\nexport const environment = environmentSchema.parse(process.env);`;
    await expect(ask(context, { schema: eager })).rejects.toMatchObject({
      code: "ENVIRONMENT_INVALID",
      output: expect.stringMatching(/LOG_LEVEL is missing/),
    });
  });

  it("says that a module exports no schema, or cannot be imported", async (context) => {
    await expect(ask(context, { schema: "export const x = 1;" })).rejects.toMatchObject({
      code: "ENVIRONMENT_SCHEMA_UNREADABLE",
      exitCode: 2,
      output: expect.stringContaining("no schema among the exports: x"),
    });
    await expect(ask(context, { schema: "import './missing.ts';" })).rejects.toMatchObject({
      code: "ENVIRONMENT_SCHEMA_UNREADABLE",
    });
  });
});
