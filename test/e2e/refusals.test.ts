import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectRefusal, liveIn, type Live, type Refusal } from "./support/refusal.ts";
import { repositoryOf, type Repository } from "./support/repository.ts";

let repository: Repository;
let live: Live;

beforeAll(async () => {
  repository = await repositoryOf("tiny");
  const deploy = await repository.fairway("deploy", "--env", "local");
  expect(deploy.exitCode, deploy.output).toBe(0);
  live = await liveIn(repository);
});

afterAll(() => repository[Symbol.asyncDispose]());

const yaml = (change: (text: string) => string) => async (repository: Repository) => {
  const text = await readFile(`${repository.path}/fairway.yaml`, "utf8");
  await repository.write("fairway.yaml", change(text));
};

const refusals: readonly Refusal[] = [
  {
    what: "a failing unit test",
    break: (repository) => repository.write("greeting.js", 'export const greeting = () => "hello, wrong";\n'),
    exitCode: 1,
    says: ["unit failed", "hello, wrong", "npx fairway check --only unit"],
  },
  {
    what: "a lint error",
    break: (repository) => repository.write("server.js", "const = ;\n"),
    exitCode: 1,
    says: ["lint failed", "SyntaxError", "npx fairway check --only lint"],
  },
  {
    what: "a key in the source, which is nowhere in what is said,",
    break: async (repository) => {
      await yaml((text) => text.replace(/^checks: \[/m, "checks: [{ scan: secretlint }, "))(repository);
      await repository.write("keys.js", `exports.key = "AKIAIOSFODNN7ABCDEFG";\n`);
    },
    exitCode: 1,
    says: [
      "secretlint failed",
      "AWS Access Key ID",
      "at keys.js:1",
      "npx fairway check --only secretlint",
      /^(?![^]*IOSFODNN7)/,
    ],
  },
  {
    // The other codes that mean something to Fairway: test/steps/checks/run-checks.test.ts
    what: "a tool that exits 3",
    break: async (repository) => {
      await repository.write("greeting.test.js", "process.exit(3);\n");
      await repository.write(
        "package.json",
        JSON.stringify({
          name: "tiny",
          version: "1.0.0",
          private: true,
          type: "module",
          packageManager: "npm@11.6.0",
          scripts: { lint: "node --check server.js", unit: "node greeting.test.js" },
        }),
      );
    },
    exitCode: 1,
    says: ["unit failed"],
  },
  {
    what: "a variable that the service's own schema refuses",
    break: yaml((text) =>
      text.replace("    target: local\n", '    target: local\n    variables: { GREETING: "" }\n'),
    ),
    exitCode: 2,
    says: ["GREETING", "must not be empty", "environment.ts"],
  },
  {
    what: "a secret without a value",
    break: yaml((text) =>
      text.replace("    target: local\n", "    target: local\n    secrets: [SESSION_SECRET]\n"),
    ),
    exitCode: 2,
    says: ["SESSION_SECRET", "--secrets"],
  },
  {
    what: "an unknown environment",
    break: async () => undefined,
    args: ["deploy", "--env", "produktion"],
    exitCode: 2,
    says: ["produktion", "local"],
  },
  {
    what: "a broken fairway.yaml, with every error and its line",
    break: yaml((text) => text.replace("port: 3000", "port: many").replace("replicas: 2", "replicas: 0")),
    exitCode: 2,
    says: [/fairway\.yaml:6:\d+/, /fairway\.yaml:8:\d+/],
  },
  {
    what: "a commit of another branch than the environment takes",
    break: yaml((text) => text.replace("    target: local\n", "    target: local\n    branch: release\n")),
    exitCode: 1,
    says: ["takes only the branch release", "main"],
  },
];

for (const refusal of refusals) {
  it(`${refusal.what} stops the deploy with exit code ${String(refusal.exitCode)}`, async () => {
    await expectRefusal(repository, refusal, live);
  });
}
