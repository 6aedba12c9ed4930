import type { Container } from "@dagger.io/dagger";
import type { StepFailure } from "../step-failure.ts";

/**
 * How a step of a team's own ended that its engine lets end with any code (`expect: ReturnType.Any`); undefined for 0, and for a
 * container in which nothing is run.
 */
export async function badEndOf(step: Container): Promise<StepFailure | undefined> {
  const exitCode = await step.exitCode().catch((error: unknown) => {
    if (error instanceof Error && error.message.includes("no command has been set")) return 0;
    throw error;
  });
  if (exitCode === 0) return undefined;
  const [stdout, stderr] = await Promise.all([step.stdout(), step.stderr()]);
  return { exitCode, stdout, stderr };
}
