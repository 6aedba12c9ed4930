import type { Evidence } from "../model/evidence.ts";
import { requireEvidence } from "../release/gates/gates.ts";
import { readState, type EnvironmentState } from "../release/release.ts";
import { evidenceJson, evidenceText } from "../report/outcome.ts";
import { table } from "../report/text.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import { migrationEvidence, plannedMigrations } from "./candidate.ts";
import type { Delivery } from "./delivery.ts";
import { environmentNames, readEach } from "./environments.ts";
import { requireWhole } from "./paths.ts";

/**
 * Reviews the migrations as the next deploys will: one that an environment has already is listed, and holds nothing;
 * one that none has must go on with the code that is live. Each deploy asks again, for its own environment.
 * @param environment the only one that is asked; `""` for all of them
 */
export async function migrations(
  delivery: Delivery,
  environment: string,
  format: OutputFormat,
): Promise<string> {
  const again = `${delivery.command} migrations${environment === "" ? "" : ` --env ${environment}`}`;
  const names = environment === "" ? null : await environmentNames(delivery, environment);
  await requireWhole(delivery);
  const reach = await reachOfAll(delivery, names);
  const found = await migrationEvidence(delivery, reach);
  const evidence = found.map((entry) => withUnread(entry, reach.unread));
  const planned = found.length === 0 ? [] : await plannedMigrations(delivery, reach);
  const rows = planned.map(({ name, phase }) => [
    name,
    phase,
    placesText(reach.places.get(name), environment),
  ]);
  requireEvidence(evidence, { subject: "the migrations", again });
  const text = [
    evidenceText(evidence),
    ...(rows.length === 0 ? [] : [table(rows)]),
    ...(reach.notYet.length === 0 ? [] : [notYetText(reach.notYet)]),
  ].join("\n\n");
  return answerOf(format, text, evidenceJson(evidence));
}

/** How far the migrations have come, as far as the environments could be asked. */
export interface MigrationReach {
  /** True where it is known that no release serves from any database. */
  readonly firstDeploy: boolean;
  readonly applied: readonly string[];
  /** By migration: the environments that have it. */
  readonly places: ReadonlyMap<string, readonly string[]>;
  /** Environments whose ledger could not be read: they may have live code. */
  readonly unread: readonly string[];
  /** Environments whose ledger has no place yet: no code of theirs is live. */
  readonly notYet: readonly string[];
}

type ReadState = Pick<EnvironmentState, "environment" | "hasServed" | "appliedMigrations">;

export function reachOf(
  states: readonly ReadState[],
  unread: readonly string[],
  notYet: readonly string[] = [],
): MigrationReach {
  const places = new Map<string, string[]>();
  for (const { environment, appliedMigrations } of states) {
    for (const { name } of appliedMigrations) places.set(name, [...(places.get(name) ?? []), environment]);
  }
  const isKnown = states.length > 0 && unread.length === 0;
  return {
    firstDeploy: isKnown && !states.some(({ hasServed }) => hasServed),
    applied: [...places.keys()],
    places,
    unread,
    notYet,
  };
}

async function reachOfAll(delivery: Delivery, named: readonly string[] | null): Promise<MigrationReach> {
  const names = named ?? Object.keys((await delivery.config()).environments);
  const { found, unread, notYet } = await readEach(delivery, names, async (name) =>
    readState({ environment: name, ledger: await delivery.ledger(name) }),
  );
  return reachOf(found, unread, notYet);
}

/** What is held for want of knowledge says how to get it. */
function withUnread(evidence: Evidence, unread: readonly string[]): Evidence {
  if (evidence.verdict !== "insufficient" || evidence.name !== "migrations" || unread.length === 0)
    return evidence;
  const who = `${unread.join(" and ")} could not be asked, and may have them already`;
  return { ...evidence, missing: `${evidence.missing} ${who}: what keeps them from it is said above.` };
}

/** What the answer is about, where that is less than somebody may think. */
function notYetText(names: readonly string[]): string {
  return (
    `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} not set up yet, so nothing of ${names.length === 1 ? "it" : "them"} is live ` +
    "and could break.\nEach deploy asks again, for its own environment."
  );
}

/** @param asked the only environment that was asked; `""` for all of them */
export function placesText(environments: readonly string[] = [], asked = ""): string {
  if (environments.length > 0) return `in ${environments.join(", ")}`;
  return asked === "" ? "in no environment" : `not in ${asked}`;
}
