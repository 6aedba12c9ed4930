import { environmentOf, type Config, type EnvironmentConfig } from "../../config/config.ts";
import { rulesFrom, type Rules } from "../../delivery/rules.ts";
import { signersFile } from "../people/people.ts";
import type { World } from "./world.ts";

/** What the commit of a version has in its fairway.yaml; for none, what stands in the scenario. */
export function configOf({ scenario }: Pick<World, "scenario">, version: string | null): Config {
  return (version === null ? undefined : scenario.brought.get(version)) ?? scenario.config;
}

export function settingsOf(
  world: Pick<World, "scenario">,
  environment: string,
  version: string | null,
): EnvironmentConfig {
  return environmentOf(configOf(world, version), environment);
}

/** The rules that a commit has for an environment, and for those that releases reach through it. */
export function rulesOf(world: World, environment: string, version: string | null): Promise<Rules> {
  const { scenario, everybody, person } = world;
  const names = (version === null ? undefined : scenario.releases[version]?.signers) ?? everybody;
  const text = signersFile(names.map(person));
  return rulesFrom(configOf(world, version), environment, async () => text);
}
