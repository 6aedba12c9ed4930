import { reviewAsksForSomething, reviewHasTraffic } from "./after-release.ts";
import { backupFitsTarget } from "./backup.ts";
import { checklistItemsDiffer, confirmationHasApprovals } from "./checklist.ts";
import { maintenanceFitsTarget } from "./maintenance.ts";
import { figuresHaveVersion, metricsAreUsed, metricsHaveFigures, sourcesExist } from "./metrics.ts";
import {
  checkNeedsExist,
  checkNeedsHaveNoCycle,
  checksDiffer,
  integrationHasDatabase,
  optionalChecksExist,
  scansAreWhole,
} from "./checks.ts";
import { dependenciesDiffer, dependencyHasDatabase } from "./dependencies.ts";
import { environmentsHaveServices, smokeOfServices } from "./environments.ts";
import { gitopsHasServices } from "./gitops.ts";
import { limitsHaveLocalTarget } from "./limits.ts";
import {
  afterExists,
  afterHasNoCycle,
  emergencyHasPeople,
  promotionKeepsRegistry,
  soakHasBefore,
} from "./promotion.ts";
import type { Rule } from "./rule.ts";
import { needsExist, needsHaveNoCycle, overridesAreOfServices, portsDiffer } from "./services.ts";
import { canaryHasVisitors, canaryJudgesAll, limitsAreOfServices, strategyFitsTarget } from "./strategy.ts";
import { notPlainAndSecret, referencesResolve, reservedVariables, secretsListedOnce } from "./variables.ts";

/** What no schema can say, by name. */
export const rules: Readonly<Record<string, Rule>> = {
  checksDiffer,
  checkNeedsExist,
  checkNeedsHaveNoCycle,
  integrationHasDatabase,
  optionalChecksExist,
  scansAreWhole,
  needsExist,
  needsHaveNoCycle,
  portsDiffer,
  overridesAreOfServices,
  reservedVariables,
  notPlainAndSecret,
  secretsListedOnce,
  referencesResolve,
  smokeOfServices,
  environmentsHaveServices,
  dependencyHasDatabase,
  dependenciesDiffer,
  reviewHasTraffic,
  reviewAsksForSomething,
  gitopsHasServices,
  limitsHaveLocalTarget,
  afterExists,
  afterHasNoCycle,
  soakHasBefore,
  promotionKeepsRegistry,
  emergencyHasPeople,
  backupFitsTarget,
  maintenanceFitsTarget,
  strategyFitsTarget,
  canaryHasVisitors,
  limitsAreOfServices,
  canaryJudgesAll,
  sourcesExist,
  metricsHaveFigures,
  figuresHaveVersion,
  metricsAreUsed,
  checklistItemsDiffer,
  confirmationHasApprovals,
};
