import { randomUUID } from "node:crypto";
import type { ReleaseContext } from "../release/release.ts";
import { checkEnvironment } from "../steps/steps.ts";
import type { Delivery } from "./delivery.ts";

/** What the services would start with, asked of their own schemas before anything else is done. */
export async function checkVariables(
  delivery: Delivery,
  environment: string,
  context: ReleaseContext,
): Promise<void> {
  if (context.target.rollout === "as a whole") {
    delivery.progress.note(
      `what the services of ${environment} start with is in its manifests: not checked here`,
    );
    return;
  }
  const secrets = Object.fromEntries(
    Object.entries(context.secrets).map(([name, value]) => [name, delivery.dag.setSecret(name, value)]),
  );
  const operationId = `environment/${randomUUID()}`;
  await checkEnvironment(await delivery.project(), { environment, secrets, operationId }, delivery.progress);
}
