import { environmentOf } from "../config/config.ts";
import { exitCodes, FairwayError } from "../model/errors.ts";
import type { Delivery } from "./delivery.ts";

/** The environment that was named, or all of them. */
export async function environmentNames(delivery: Delivery, named: string): Promise<readonly string[]> {
  const config = await delivery.config();
  if (named !== "") {
    environmentOf(config, named);
    return [named];
  }
  const all = Object.keys(config.environments);
  if (all.length > 0) return all;
  throw new FairwayError("fairway.yaml lists no environments", {
    code: "NO_ENVIRONMENTS",
    exitCode: exitCodes.usage,
    place: "fairway.yaml environments",
    remedy: "Add one:\nenvironments:\n  local: { target: local }",
  });
}

/** Those that run on this machine. */
export async function localEnvironments(delivery: Delivery): Promise<readonly string[]> {
  const { environments } = await delivery.config();
  return Object.keys(environments).filter((name) => environments[name]?.target === "local");
}
