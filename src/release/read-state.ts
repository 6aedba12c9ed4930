import type { ReleaseContext } from "./apply/context.ts";
import { environmentState, type EnvironmentState } from "./state.ts";

export async function readState(
  context: Pick<ReleaseContext, "environment" | "ledger">,
): Promise<EnvironmentState> {
  return environmentState(
    context.environment,
    await context.ledger.read({ environment: context.environment }),
  );
}
