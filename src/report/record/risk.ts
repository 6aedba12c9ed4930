import type { PlannedMigration } from "../../model/plan.ts";
import type { RecordedPlan } from "./change.ts";

export interface Risk {
  readonly level: RiskLevel;
  /** The worst first; empty for a low one. */
  readonly reasons: readonly RiskReason[];
}

export type RiskLevel = "low" | "medium" | "high";

export interface RiskReason {
  readonly level: RiskLevel;
  readonly rule: RiskRule;
  /** What the rule found: migrations, services, what is impossible. */
  readonly found: readonly string[];
}

export type RiskRule = keyof typeof rules;

/** So many services at once are more than one person oversees. */
const manyServices = 5;

/** How much can go wrong, by rules that anybody can check against the plan; the worst that holds is the level. */
export function riskOf(plan: RecordedPlan): Risk {
  const reasons = Object.entries(rules).flatMap(([rule, { level, finds }]): RiskReason[] => {
    const found = finds(plan);
    return found === null ? [] : [{ level, rule: rule as RiskRule, found }];
  });
  const worstFirst = reasons.toSorted((a, b) => levels.indexOf(b.level) - levels.indexOf(a.level));
  return { level: worstFirst[0]?.level ?? "low", reasons: worstFirst };
}

const levels: readonly RiskLevel[] = ["low", "medium", "high"];

interface Rule {
  readonly level: RiskLevel;
  /** For people. */
  readonly says: string;
  /** Null where the rule does not hold. */
  readonly finds: (plan: RecordedPlan) => readonly string[] | null;
}

const rules = {
  emergency: {
    level: "high",
    says: "an emergency: gates may be passed by",
    finds: ({ emergency }) => (emergency ? [] : null),
  },
  restore: {
    level: "high",
    says: "the database is that of a backup again: what was written since is not in it",
    finds: ({ operations }) =>
      someOf(operations.flatMap((operation) => (operation.kind === "restore" ? [operation.backup] : []))),
  },
  "contract-migration": {
    level: "high",
    says: "a migration breaks code that may still run",
    finds: migrationsOf("contract"),
  },
  "unknown-migration": {
    level: "high",
    says: "nobody could tell whether a migration breaks code that still runs",
    finds: migrationsOf("unknown"),
  },
  "way-back-incomplete": {
    level: "high",
    says: "the way back cannot bring everything back",
    finds: ({ wayBack }) => someOf(wayBack.impossible),
  },
  "backfill-migration": {
    level: "medium",
    says: "a migration rewrites data",
    finds: migrationsOf("backfill"),
  },
  "expand-migration": {
    level: "medium",
    says: "a migration changes the database; code that runs keeps working",
    finds: migrationsOf("expand"),
  },
  "first-deploy": {
    level: "medium",
    says: "the first deploy: there is nothing to go back to",
    finds: ({ from }) => (from === null ? [] : null),
  },
  "commits-unknown": {
    level: "medium",
    says: "which commits are in it is not known",
    finds: ({ changes }) => (changes?.complete === false ? [] : null),
  },
  "many-services": {
    level: "medium",
    says: `${String(manyServices)} or more services change at once`,
    finds: (plan) => {
      const changed = changedServices(plan);
      return changed.length >= manyServices ? changed : null;
    },
  },
} as const satisfies Readonly<Record<string, Rule>>;

/** A reason in words. */
export function riskText({ rule, found }: RiskReason): string {
  const { says } = rules[rule];
  return found.length === 0 ? says : `${says} (${found.join(", ")})`;
}

function migrationsOf(phase: PlannedMigration["phase"]) {
  return ({ operations }: RecordedPlan): readonly string[] | null =>
    someOf(
      operations
        .flatMap((operation) => (operation.kind === "migrate" ? operation.migrations : []))
        .filter((migration) => migration.phase === phase)
        .map(({ name }) => name),
    );
}

function changedServices({ release, from }: RecordedPlan): readonly string[] {
  const before = new Map(from?.services.map(({ name, image }) => [name, image]));
  const changed = release.services.filter(({ name, image }) => before.get(name) !== image);
  const gone = from?.services.filter(
    ({ name }) => !release.services.some((service) => service.name === name),
  );
  return [...changed, ...(gone ?? [])].map(({ name }) => name);
}

function someOf(found: readonly string[]): readonly string[] | null {
  return found.length > 0 ? found : null;
}
