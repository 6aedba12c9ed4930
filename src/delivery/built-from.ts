import { held } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { commandsFor } from "../release/plan/commands.ts";
import { contentPaths } from "../steps/images/images.ts";
import { objectsAt } from "../steps/steps.ts";
import type { Delivery } from "./delivery.ts";

/** What git has of that which each service's image is built from; nothing for what is in no commit. */
export type CommittedContent = ReadonlyMap<string, readonly string[]>;

/** Asked in one step for all services. Without a commit an image is known by the files themselves. */
export async function committedContent(delivery: Delivery): Promise<CommittedContent> {
  const { services } = await delivery.config();
  const names = Object.keys(services);
  // Whatever needs a commit asks for it, and says what is wrong; to build an image none is needed.
  const facts = await delivery.facts().catch(() => null);
  if (facts === null || facts.dirty) return new Map();
  const paths = Object.values(services).map((service) => contentPaths(service));
  const objects = await objectsAt(await delivery.git(), facts.commit, paths.flat());
  return new Map(
    names.flatMap((name, index) => {
      const own = objects.slice(2 * index, 2 * index + 2).filter((object) => object !== null);
      return own.length === 2 ? [[name, own] as const] : [];
    }),
  );
}

/** Where no approval is asked, anybody can write a plan: its images are what its commit says, or are refused. */
export function ofOtherContent(service: string, reference: string, plan: Plan, command: string) {
  const { version } = plan.release;
  const commands = commandsFor(plan, command);
  const remedy = plan.gates.some(({ gate, skipped }) => gate === "promotion" && skipped !== true)
    ? // A new plan would name the same images: those that are proven in the environment before.
      `Bring what is proven there:\n${commands.apply}`
    : `Make the plan again, and have that approved:\n${commands.plan}`;
  return held(
    `the plan's image of ${service} is not known to be built from ${version}: ${reference}. Nothing was changed.`,
    {
      code: "PLAN_STALE",
      place: "--plan",
      output: `${service}: the registry names no build of ${version} with the digest ${reference.slice(reference.indexOf("@") + 1)}`,
      remedy,
    },
  );
}
