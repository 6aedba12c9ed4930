import type { Clock } from "../../model/clock.ts";
import { usageError } from "../../model/errors.ts";
import { secretsMissing } from "../../model/secrets-missing.ts";
import type { Ledger } from "../../model/ledger.ts";
import { openGitLedger } from "./git/git.ts";
import { openPostgresLedger } from "./postgres/postgres.ts";

/** The `ledger` of a config. Secrets are names of values in `--secrets`. */
export type LedgerConfig =
  | "sqlite"
  | { readonly postgres: { readonly url: string; readonly schema?: string | undefined } }
  | { readonly git: GitLedgerConfig };

interface GitLedgerConfig {
  /** Undefined: the repository's own remote. */
  readonly url?: string | undefined;
  readonly ref?: string | undefined;
  readonly token: string;
  readonly username?: string | undefined;
}

export interface LedgerContext {
  readonly clock: Clock;
  /** Values of `--secrets` by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Opens the ledger file of this machine; undefined inside a real engine, which keeps no file. */
  readonly sqlite: (() => Promise<Ledger>) | undefined;
  /** The URL of the remote `origin`; null where the repository has none. */
  readonly origin: () => Promise<string | null>;
  /** A directory for what may be forgotten. */
  readonly cacheDirectory: () => Promise<string>;
}

/** `sqlite`, `postgres`, `git`. */
export function ledgerKind(config: LedgerConfig): string {
  return typeof config === "string" ? config : "postgres" in config ? "postgres" : "git";
}

/** The names of the values in `--secrets` that a ledger uses. */
export function ledgerSecretNames(config: LedgerConfig): readonly string[] {
  if (typeof config === "string") return [];
  return ["postgres" in config ? config.postgres.url : config.git.token];
}

/**
 * Opens the ledger that the config names.
 * @throws FairwayError (exit 2) for a kind that is not known, a secret without a value, a repository without a remote
 */
export async function openLedger(config: LedgerConfig, context: LedgerContext): Promise<Ledger> {
  const { clock } = context;
  if (config === "sqlite") return sqlite(context);
  if (typeof config === "object" && "postgres" in config) {
    const { url, schema } = config.postgres;
    return openPostgresLedger({
      ...{ url: secret(url, "ledger.postgres.url", context), clock },
      ...(schema === undefined ? {} : { schema }),
    });
  }
  if (typeof config === "object" && "git" in config) {
    const { ref, username, token } = config.git;
    return openGitLedger({
      url: config.git.url ?? (await originOf(context)),
      token: secret(token, "ledger.git.token", context),
      tokenAt: `the value ${token} in --secrets`,
      clock,
      directory: await context.cacheDirectory(),
      ...(ref === undefined ? {} : { ref }),
      ...(username === undefined ? {} : { username }),
    });
  }
  throw usageError(`there is no ledger of the kind ${JSON.stringify(config)}`, {
    code: "LEDGER_KIND",
    place: "fairway.yaml ledger",
    remedy: "the kinds are: sqlite, { postgres: { url, schema } }, { git: { url, ref, token, username } }",
  });
}

function sqlite({ sqlite: open }: LedgerContext): Promise<Ledger> {
  if (open !== undefined) return open();
  throw usageError("the ledger is a file of this machine, which cannot be reached from inside the engine", {
    code: "NEEDS_A_HOST",
    place: "fairway.yaml ledger",
    remedy: "Keep it where every machine reaches it:\nledger:\n  git:\n    token: LEDGER_TOKEN",
  });
}

function secret(name: string, place: string, { secrets }: LedgerContext): string {
  const value = secrets[name];
  if (value !== undefined && value !== "") return value;
  throw secretsMissing(`the ledger needs a value for ${name}`, {
    file: "ledger",
    place: `fairway.yaml ${place}`,
  });
}

/** There is no place for it yet: nothing can have been written to it from here. */
export const ledgerNowhere = "LEDGER_NOWHERE";

async function originOf({ origin }: LedgerContext): Promise<string> {
  const url = await origin();
  if (url !== null) return url;
  throw usageError("the ledger is to be in this repository's own remote, and it has no remote `origin`", {
    code: ledgerNowhere,
    place: "fairway.yaml ledger.git",
    remedy:
      "git remote add origin https://host/owner/repository.git\nor name a repository under ledger.git.url",
  });
}
