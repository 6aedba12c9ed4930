import { describe, expect, test } from "vitest";
import { buildFailure } from "../../../src/steps/images/images.ts";

const build = { service: "api", dockerfile: "Dockerfile" };
const context = { path: "apps/api/Dockerfile", repeat: "npx fairway images" };

/** An error as the client throws it for a RUN that failed. */
function runError(extensions: object): Error {
  return Object.assign(new Error("Dockerfile:7: RUN npm ci: exit code: 9"), {
    code: "D109",
    extensions: { _type: "EXEC_ERROR", exitCode: 9, stdout: "", stderr: "", cmd: [], ...extensions },
  });
}

describe("buildFailure", () => {
  test("names the Dockerfile, line and instruction, with the output and the command that repeats it", () => {
    const error = runError({ place: "Dockerfile:7 RUN npm ci", stdout: "npm error code EUSAGE\n" });
    expect(buildFailure(error, build, context)).toMatchObject({
      code: "IMAGE_BUILD_FAILED",
      exitCode: 1,
      message: "the image of api could not be built: a step ended with exit code 9",
      place: "apps/api/Dockerfile:7 RUN npm ci",
      output: "npm error code EUSAGE",
      remedy: "Repeat alone:\n  npx fairway images",
    });
  });

  test("has a silent step told by the engine, and an engine that knows no line by the Dockerfile", () => {
    expect(buildFailure(runError({}), build, context)).toMatchObject({
      place: "apps/api/Dockerfile",
      output: "apps/api/Dockerfile:7: RUN npm ci: exit code: 9",
    });
  });

  test("a Dockerfile that the engine cannot follow is bad input, by its path in the repository", () => {
    const remedy = "The real Dagger engine has it";
    const error = Object.assign(
      new Error(`Dockerfile cannot be built here:\n  Dockerfile:3: FOO: unknown\n${remedy}`),
      {
        extensions: {
          fairway: { code: "DOCKERFILE_INVALID", exitCode: 2, place: "Dockerfile:3 FOO", remedy },
        },
      },
    );
    expect(buildFailure(error, build, context)).toMatchObject({
      code: "DOCKERFILE_INVALID",
      exitCode: 2,
      message: "apps/api/Dockerfile cannot be built here:\n  apps/api/Dockerfile:3: FOO: unknown",
      place: "apps/api/Dockerfile:3 FOO",
      remedy,
    });
  });

  test("leaves other errors as they are", () => {
    expect(buildFailure(new Error("the registry is gone"), build, context)).toBeUndefined();
  });
});
