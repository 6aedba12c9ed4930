import type { Client, Container, Directory } from "@dagger.io/dagger";
import { usageError } from "../../model/errors.ts";
import { lastLines, outputOf, stepFailure } from "../step-failure.ts";

/** A container with git and the source, which is what its functions ask. */
export function gitStep(client: Client, source: Directory, image: string): Container {
  return client
    .container()
    .from(image)
    .withEnvVariable("GIT_CONFIG_COUNT", "1")
    .withEnvVariable("GIT_CONFIG_KEY_0", "safe.directory")
    .withEnvVariable("GIT_CONFIG_VALUE_0", "*")
    .withEnvVariable("GIT_OPTIONAL_LOCKS", "0")
    .withEnvVariable("LC_ALL", "C")
    .withMountedDirectory("/source", source)
    .withWorkdir("/source");
}

/**
 * What a shell script prints that asks git.
 * @param args what it has as `$0`, `$1` ...
 * @param cannot what is said where it fails: "git cannot read the history of the source"
 * @throws FairwayError GIT_UNREADABLE (exit 2) with what git said
 */
export async function askGit(
  step: Container,
  [script, ...args]: readonly [string, ...string[]],
  cannot: string,
): Promise<string> {
  try {
    return await step.withExec(["sh", "-euc", script, ...args]).stdout();
  } catch (error) {
    const failed = stepFailure(error);
    if (failed === undefined) throw error;
    throw usageError(cannot, {
      code: "GIT_UNREADABLE",
      place: ".git",
      output: lastLines(outputOf(failed), 20),
      remedy: "Call Fairway in a complete clone of the repository.",
      cause: error,
    });
  }
}
