import { join } from "node:path";
import { systemClock, type Clock } from "../../../src/model/clock.ts";
import type { Ledger } from "../../../src/model/ledger.ts";
import type { Target } from "../../../src/model/target.ts";
import { openGitLedger } from "../../../src/providers/ledgers/git/git.ts";
import { openSqliteLedger } from "../../../src/providers/ledgers/sqlite.ts";
import { gitopsTarget, type GitopsTargetOptions } from "../../../src/providers/targets/gitops/gitops.ts";
import type { ReleaseContext, Strategy } from "../../../src/release/release.ts";
import { processTarget } from "../../providers/targets/local/fixtures.ts";
import { releaseContext } from "../../../src/testing/testing.ts";
import { foreignDatabase, ownDatabase, type CrashDatabase } from "./databases.ts";

/** Where releases go to, as data: what another process needs to go on with them. */
export interface Place {
  /** Has the state of a local target, the ledger, and the file that stands for a foreign database. */
  readonly directory: string;
  readonly target:
    | { readonly kind: "local" }
    | { readonly kind: "gitops"; readonly options: Omit<GitopsTargetOptions, "clock"> };
  readonly ledger:
    { readonly kind: "sqlite" } | { readonly kind: "git"; readonly url: string; readonly token: string };
  /** The target's own, or one somewhere else that scripts back up. */
  readonly database: "own" | "foreign";
  /** With one nobody is kept out, and no backup is made. @default rolling */
  readonly strategy?: Strategy;
}

/** What a real release has: target, ledger and an own database are real. Visitors are kept out where that is in reach. */
export async function contextIn(place: Place, clock: Clock = systemClock): Promise<ReleaseContext> {
  const target = await openTarget(place);
  return releaseContext({
    environment: target.environment,
    ledger: await openLedger(place, clock),
    target,
    clock: systemClock,
    maintenance: target.maintain === undefined ? "never" : "always",
    ...databaseIn(place, target).context,
    ...(place.strategy === undefined
      ? {}
      : { strategy: place.strategy, maintenance: "never", backupPolicy: null }),
    actor: `process-${String(process.pid)}`,
  });
}

export function databaseIn({ directory, database }: Place, { backups }: Target): CrashDatabase {
  return database === "own" ? ownDatabase(stateIn(directory), backups) : foreignDatabase(directory);
}

/** Of a local target. */
export function stateIn(directory: string): string {
  return join(directory, "state");
}

function openLedger({ ledger, directory }: Place, clock: Clock): Promise<Ledger> {
  return ledger.kind === "sqlite"
    ? openSqliteLedger(join(directory, "ledger.db"), clock)
    : openGitLedger({ ...ledger, clock, directory: join(directory, "seen") });
}

function openTarget({ target, directory }: Place): Promise<Target> {
  return target.kind === "local"
    ? processTarget(stateIn(directory))
    : gitopsTarget({ ...target.options, clock: systemClock });
}
