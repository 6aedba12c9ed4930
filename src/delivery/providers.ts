import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentOf, ledgerOf } from "../config/config.ts";
import { checksStream } from "../findings/findings.ts";
import { hostCapabilities } from "../model/host.ts";
import type { Ledger } from "../model/ledger.ts";
import type { Target } from "../model/target.ts";
import {
  type LedgerConfig,
  ledgerKind,
  ledgerSecretNames,
  openLedger,
} from "../providers/ledgers/ledgers.ts";
import { readSecrets } from "../providers/secrets/secrets.ts";
import { openTarget, targetSecretNames } from "../providers/targets/targets.ts";
import { originOf } from "../steps/steps.ts";
import type { Delivery } from "./delivery.ts";

type Opened = Pick<Delivery, "config" | "git" | "input" | "clock" | "actor" | "registry" | "ledger">;

/** Where an environment's events are written: a file of this machine, a database, or a ref of a repository. */
export async function ledgerFor(delivery: Opened, environment: string): Promise<Ledger> {
  return opened(delivery, ledgerOf(await delivery.config(), environment), environment);
}

/** Where checks of no environment remember: the pipeline's own ledger. */
export async function checksLedger(delivery: Opened): Promise<Ledger> {
  return opened(delivery, (await delivery.config()).ledger, checksStream);
}

async function opened(delivery: Opened, config: LedgerConfig, stream: string): Promise<Ledger> {
  const host = hostCapabilities();
  if (host?.instead !== undefined) return host.instead.ledger(stream, ledgerKind(config));
  return openLedger(config, {
    clock: delivery.clock,
    secrets: readSecrets(await delivery.input.secrets?.plaintext(), ledgerSecretNames(config)),
    sqlite: host === undefined ? undefined : () => host.sqliteLedger(),
    origin: async () => originOf(await delivery.git()),
    cacheDirectory: () => host?.ledgerDirectory() ?? mkdtemp(join(tmpdir(), "fairway-ledger-")),
  });
}

/** Where an environment's releases run. */
export async function targetFor(delivery: Opened, environment: string): Promise<Target> {
  const host = hostCapabilities();
  const { target } = environmentOf(await delivery.config(), environment);
  const opened = await openTarget(target, {
    environment,
    secrets: readSecrets(await delivery.input.secrets?.plaintext(), await targetSecretNames(target)),
    clock: delivery.clock,
    actor: delivery.actor,
    localTarget:
      host === undefined
        ? undefined
        : () =>
            host.localTarget(environment, async () => (await delivery.registry(environment)).credentials()),
  });
  return host?.instead?.target(opened, () => delivery.ledger(environment)) ?? opened;
}
