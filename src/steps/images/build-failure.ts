import { exitCodes, failure, FairwayError } from "../../model/errors.ts";
import { lastLines, outputOf, stepFailure } from "../step-failure.ts";
import type { ImageBuild } from "./publish.ts";

interface BuildFailureContext {
  /** The Dockerfile's path in the repository. */
  readonly path: string;
  /** The command that repeats the build alone. */
  readonly repeat: string;
}

/**
 * What a build that failed means: a step of the Dockerfile's (IMAGE_BUILD_FAILED, exit 1), or a Dockerfile that this
 * engine cannot follow (DOCKERFILE_INVALID or DOCKERFILE_UNSUPPORTED, exit 2; STAND_IN_UNKNOWN or STAND_IN_MISSING for
 * an image that it names). Undefined for any other error.
 */
export function buildFailure(
  error: unknown,
  build: Pick<ImageBuild, "service" | "dockerfile">,
  { path, repeat }: BuildFailureContext,
): FairwayError | undefined {
  const own = (text: string) => withOwnPath(text, build.dockerfile, path);
  const failed = stepFailure(error);
  if (failed !== undefined) {
    const ended =
      failed.exitCode < 0 ? "could not be started" : `ended with exit code ${String(failed.exitCode)}`;
    const message = error instanceof Error ? own(error.message) : "";
    return failure(`the image of ${build.service} could not be built: a step ${ended}`, {
      code: "IMAGE_BUILD_FAILED",
      place: failed.place === undefined ? path : own(failed.place),
      output: lastLines(outputOf(failed), 60) || message,
      remedy: `Repeat alone:\n  ${repeat}`,
      cause: error,
    });
  }
  const told = toldByEngine(error);
  if (told === undefined) return undefined;
  const { code, place, remedy, message } = told;
  const exitCode = code.startsWith("DOCKERFILE_") ? exitCodes.usage : exitCodes.failed;
  return new FairwayError(own(message), {
    ...{ code, exitCode, place: own(place), remedy, cause: error },
  });
}

/** The engine knows the Dockerfile by its path in the context, people by the one in the repository. */
function withOwnPath(text: string, inContext: string, path: string): string {
  return text
    .split("\n")
    .map((line) => {
      const margin = /^ */.exec(line)?.[0] ?? "";
      return line.startsWith(inContext, margin.length)
        ? margin + path + line.slice(margin.length + inContext.length)
        : line;
    })
    .join("\n");
}

/** What the embedded engine says of a Dockerfile; the client's error ends with the remedy. */
function toldByEngine(error: unknown) {
  const { extensions, message = "" } = (error ?? {}) as {
    extensions?: { fairway?: { code?: string; place?: string; remedy?: string } };
    message?: string;
  };
  const { code, place = "", remedy } = extensions?.fairway ?? {};
  if (code === undefined || !/^(DOCKERFILE|STAND_IN)_/.test(code)) return undefined;
  const end = `\n${remedy ?? ""}`;
  return { code, place, remedy, message: message.endsWith(end) ? message.slice(0, -end.length) : message };
}
