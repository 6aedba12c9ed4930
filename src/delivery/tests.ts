import { environmentOf } from "../config/config.ts";
import { testsJson, testsText } from "../report/tests.ts";
import { owned } from "../steps/steps.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import type { Delivery } from "./delivery.ts";
import { knownTests } from "./memory.ts";

/** @param environment whose deploys remember; `""` for the pipeline's own checks */
export async function tests(delivery: Delivery, environment: string, format: OutputFormat): Promise<string> {
  if (environment !== "") environmentOf(await delivery.config(), environment);
  const known = await knownTests(delivery, environment === "" ? null : environment);
  const standings = await owned(known, await delivery.project());
  return answerOf(format, testsText(standings), testsJson(standings));
}
