import { expect, it } from "vitest";
import { repositoryOf } from "./support/repository.ts";

const health = 'HEALTHCHECK CMD ["node", "-e", "0"]\n';

it("a Dockerfile that the engine cannot follow is told whole, with exit code 2", async () => {
  await using repository = await repositoryOf("tiny");
  await repository.write(
    "Dockerfile",
    `FROM node:24-slim\nRUN --network=none true\nCOPY --parents server.js /app/\nFOO bar\nUSER node\n${health}`,
  );
  const run = await repository.fairway("images");
  expect(run.exitCode, run.output).toBe(2);
  expect(run.output).toContain("Dockerfile:2: RUN --network=none: the embedded engine does not support it");
  expect(run.output).toContain("Dockerfile:3: COPY --parents: the embedded engine does not support it");
  expect(run.output).toContain("Dockerfile:4: FOO: unknown instruction");
  expect(run.output.match(/--engine dagger/g)).toHaveLength(1);
});

it("a RUN that fails is told by its line, with its output and the command that repeats it", async () => {
  await using repository = await repositoryOf("tiny");
  await repository.write(
    "Dockerfile",
    `FROM node:24-slim\nUSER node\n${health}\nRUN echo no such package && \\\n    exit 9\n`,
  );
  const run = await repository.fairway("images");
  expect(run.exitCode, run.output).toBe(1);
  expect(run.output).toContain("the image of web could not be built: a step ended with exit code 9");
  expect(run.output).toContain("at Dockerfile:5 RUN echo no such package");
  expect(run.output).toMatch(/│ no such package\n/);
  expect(run.output).toContain("Repeat alone:\n    npx fairway images");
});

it("an image that its policy is certain to refuse is refused before anything is checked or built", async () => {
  await using repository = await repositoryOf("tiny");
  await repository.write("Dockerfile", "FROM node:24-slim\nRUN exit 9\n");
  const deploy = await repository.fairway("deploy", "--env", "local");
  expect(deploy.exitCode, deploy.output).toBe(1);
  expect(deploy.output).toContain("image-policy:web failed; nothing was changed");
  expect(deploy.output).toContain("Dockerfile:1: runs as root: no USER is set");
  expect(deploy.output).toContain("Dockerfile:1: has no HEALTHCHECK");
  expect(deploy.output).not.toMatch(/image web|unit/);
  const check = await repository.fairway("check");
  expect(check.exitCode, check.output).toBe(1);
  expect(check.output).toContain("image-policy:web failed");
  expect((await repository.fairway("check", "--only", "unit")).exitCode).toBe(0);
});
