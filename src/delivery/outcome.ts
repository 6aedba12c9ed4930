import type { Client } from "@dagger.io/dagger";
import { FairwayError, isFairwayError } from "../model/errors.ts";
import { hostCapabilities } from "../model/host.ts";

/**
 * Runs a function's work so that its outcome reaches the caller with our exit code, also through a real engine:
 * there the runtime copies `extensions` only of its own error classes, which a module cannot import. An instance is
 * had by catching the error of a request that must fail, and is given our message and our exit code.
 */
export async function asEngineError<T>(dag: Client, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (hostCapabilities() !== undefined) throw error;
    const ours = isFairwayError(error) ? error : unexpected(error);
    throw await carrier(dag, ours);
  }
}

async function carrier(dag: Client, ours: FairwayError): Promise<unknown> {
  try {
    await dag.directory().file("missing").contents();
  } catch (raised) {
    const error = raised as Error & { extensions?: Record<string, unknown> };
    error.message = `${ours.code}: ${ours.message}`;
    error.extensions = {
      _type: "EXEC_ERROR",
      exitCode: ours.exitCode,
      cmd: ["fairway"],
      stdout: ours.answer ?? "",
      stderr: [ours.place, ours.output, ours.remedy].filter((line) => line !== undefined).join("\n"),
    };
    return error;
  }
  return ours;
}

/** A tool's exit code never leaks: whatever is not ours becomes a plain failure, with the tool's own words. */
function unexpected(error: unknown): FairwayError {
  const extensions = (error as { extensions?: { stderr?: unknown; stdout?: unknown; cmd?: unknown } })
    .extensions;
  const words = [extensions?.stdout, extensions?.stderr].filter(
    (text) => typeof text === "string" && text !== "",
  );
  const message = error instanceof Error ? error.message : String(error);
  return new FairwayError(message, {
    code: "UNEXPECTED",
    exitCode: 1,
    place: Array.isArray(extensions?.cmd) ? extensions.cmd.join(" ") : undefined,
    output: words.length > 0 ? words.join("\n") : undefined,
    cause: error,
  });
}
