import type { ExposedPort } from "../states.ts";

/** A service that takes connections. */
export interface RunningService {
  /** Where its ports are, for /etc/hosts. */
  readonly address: string;
  /** Its ports, where its definition does not have them: a tunnel's. */
  readonly ports?: readonly ExposedPort[];
  /** Resolves when it has ended, however. */
  readonly ended: Promise<unknown>;
  stop(kill: boolean): Promise<void>;
}

/** It ended with success before its port was open. */
export class Exited extends Error {}
