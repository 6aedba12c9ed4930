import { expect, test } from "vitest";
import { withPeople } from "../e2e/support/people.ts";
import { repositoryOf } from "../e2e/support/repository.ts";
import { noSshKeygen } from "../support/ssh-keygen.ts";

const config = (approvals: string) => `name: tiny
services:
  web: { dockerfile: Dockerfile, port: 3000, ready: /health, startupTimeoutSeconds: 10 }
environments:
  local: { target: local${approvals} }
`;

test("rules come into force by a commit that is proven, and a rollback is planned, signed and applied like a deploy", async ({
  skip,
}) => {
  skip(noSshKeygen !== null, noSshKeygen ?? "");
  await using repository = await repositoryOf("tiny");
  const { mallory } = await withPeople(repository, "mallory");
  const keys = await withPeople(repository, "ada", "grace");
  const plan = (...args: string[]) => repository.fairway("plan", "--env", "local", ...args);
  const sign = (file: string) => repository.fairway("approve", file, "--key", keys["grace"]!);

  await repository.write("fairway.yaml", config(""));
  repository.commit("feat: nobody has to approve");
  expect((await repository.fairway("deploy", "--env", "local")).exitCode).toBe(0);

  // The same images, and other rules: that is a change, by the rules of before.
  await repository.write("fairway.yaml", config(", approvals: { required: 1 }"));
  const strict = repository.commit("feat: one has to approve");
  expect((await plan()).output).toContain(`${strict} changes who may deploy what and when`);
  const adopted = await repository.fairway("deploy", "--env", "local");
  expect(adopted.output).toContain(`${strict} is live in local`);
  expect((await repository.fairway("deploy", "--env", "local")).stdout).toContain("Nothing to do");

  await repository.write("greeting.js", 'export const greeting = () => "hello from two";\n');
  const second = repository.commit("feat: two");
  await plan("--out", "two.json");
  const unknown = await repository.fairway("approve", "two.json", "--key", mallory!);
  expect(unknown.exitCode, unknown.output).toBe(2);
  expect(unknown.output).toMatch(/is not in the fairway.allowed_signers that counts. Nothing was written./);
  const taken = await sign("two.json");
  expect(taken.exitCode, taken.output).toBe(0);
  expect(taken.output).not.toMatch(/not count:/);
  const deployed = await repository.fairway("deploy", "--env", "local", "--plan", "two.json");
  expect(deployed.output).toContain(`${second} is live in local`);

  const late = await sign("two.json");
  expect(late.exitCode, late.output).toBe(3);
  expect(late.output).toContain("local has changed since the plan was made");

  const back = await plan("--rollback", "--out", "back.json");
  expect(back.output).toContain(`${second} -> ${strict} (rollback)`);
  const elsewhere = await repository.fairway("deploy", "--env", "local", "--plan", "back.json");
  expect(elsewhere).toMatchObject({ exitCode: 2 });
  expect(elsewhere.output).toContain("the plan is of a rollback, not of a deploy");
  const unsigned = await repository.fairway("rollback", "--env", "local", "--plan", "back.json");
  expect(unsigned.exitCode, unsigned.output).toBe(3);
  expect(unsigned.output).toContain("rollback --env local");
  await sign("back.json");
  const gone = await repository.fairway("rollback", "--env", "local", "--plan", "back.json");
  expect(gone.output).toContain(`${strict} is live again in local`);
});
