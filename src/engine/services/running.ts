/** A service that takes connections. */
export interface RunningService {
  /** Where its ports are, for /etc/hosts. */
  readonly address: string;
  /** Resolves when it has ended, however. */
  readonly ended: Promise<unknown>;
  stop(kill: boolean): Promise<void>;
}

/** It ended with success before its port was open. */
export class Exited extends Error {}
