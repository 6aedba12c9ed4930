import type { ContainerState } from "../container/state.ts";
import type { ExposedPort } from "../states.ts";

/** A service as it is defined; whether it runs is the session's business. Equal keys are one process. */
export interface ServiceDefinition {
  readonly key: string;
  /** The name that is asked by `hostname`, and that resolves in every step while it runs. */
  readonly hostname: string;
  readonly container: ContainerState;
  readonly args: readonly string[];
  readonly ports: readonly ExposedPort[];
}
