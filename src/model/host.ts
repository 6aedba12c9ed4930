import type { Clock } from "./clock.ts";
import type { Ledger } from "./ledger.ts";
import type { Registry, RegistryCredentials } from "./registry.ts";
import type { Progress } from "./progress.ts";
import type { Target } from "./target.ts";

/**
 * What only a machine of the user's has, and a function inside an engine has not. The CLI hands it to the module
 * that it hosts, for the length of one call; the symbol is global because the source and the build of Fairway
 * may both be loaded in one process.
 */
export interface HostCapabilities {
  /** `embedded` when steps run on stand-ins of this host, `dagger` on a real engine. */
  readonly engine: "embedded" | "dagger";
  readonly progress: Progress;
  readonly clock: Clock;
  /** Who asks: `ada@laptop`. */
  readonly actor: string;
  /** The e-mail address by which git knows them; null where it does not. */
  actorEmail(): Promise<string | null>;
  /** Says that the call's answer is of the source alone: the same until a file of it changes, or the day (UTC) is over. */
  ofSourceAlone?(): void;
  /** Aborted when the user interrupts: work stops at the next safe point. */
  readonly signal?: AbortSignal;
  /** The command line to show in "repeat with" texts: `npx fairway`. */
  readonly command: string;
  /** @param credentials what to log in to the registry with when a release's images are pulled */
  localTarget(environment: string, credentials: () => Promise<RegistryCredentials | null>): Promise<Target>;
  sqliteLedger(): Promise<Ledger>;
  /** A directory in which a ledger that is elsewhere keeps what it has read; may be deleted at any time. */
  ledgerDirectory(): Promise<string>;
  /** `127.0.0.1:<port>` of the loopback registry; starts it when it is not running. */
  loopbackRegistry(): Promise<string>;
  /** Takes the place of what the config names: given where nothing may be reached. */
  readonly instead?: Substitutes;
  /** Ends the loopback registry's process, when it runs; its images stay on disk. */
  stopLoopbackRegistry(): Promise<void>;
}

/** What is asked in the place of the real thing. Of that its names are used, and it is not asked. */
export interface Substitutes {
  /** @param kind of the one that the config names, which is not opened: `sqlite`, `postgres` or `git` */
  ledger(environment: string, kind: string): Promise<Ledger>;
  target(opened: Target, ledger: () => Promise<Ledger>): Target;
  registry(opened: Registry): Registry;
}

const key = Symbol.for("fairway.host-capabilities");

/** The capabilities of the call that is running, or undefined inside a real engine. */
export function hostCapabilities(): HostCapabilities | undefined {
  return (globalThis as { [key]?: HostCapabilities })[key];
}

/** Hands over `host` while `work` runs. */
export async function withHostCapabilities<T>(host: HostCapabilities, work: () => Promise<T>): Promise<T> {
  const scope = globalThis as { [key]?: HostCapabilities | undefined };
  const before = scope[key];
  scope[key] = host;
  try {
    return await work();
  } finally {
    scope[key] = before;
  }
}
