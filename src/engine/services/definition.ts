import { hashOf, type Json } from "../../model/canonical-json.ts";
import type { ContainerState } from "../container/state.ts";
import type { ExposedPort } from "../states.ts";
import type { Value } from "../values.ts";

/** A service as it is defined; whether it runs is the session's business. Equal keys are one process. */
export type ServiceDefinition = ProgramDefinition | HostDefinition | TunnelDefinition;

interface Definition {
  readonly key: string;
  /** The name that is asked by `hostname`, and that resolves in every step while it runs. */
  readonly hostname: string;
  readonly ports: readonly ExposedPort[];
}

/** A container's program. */
export interface ProgramDefinition extends Definition {
  readonly kind: "program";
  readonly container: ContainerState;
  readonly args: readonly string[];
}

/** Ports of a host that this machine reaches, for steps. */
export interface HostDefinition extends Definition {
  readonly kind: "host";
  readonly host: string;
  readonly forwards: readonly PortForward[];
}

/** Ports of a service, for this machine; which ones they are here is known once it runs. */
export interface TunnelDefinition extends Definition {
  readonly kind: "tunnel";
  readonly upstream: Value<"Service">;
  readonly forwards: readonly PortForward[];
}

export interface PortForward {
  /** Where it is asked; 0 for any that is free. */
  readonly frontend: number;
  /** Where it is answered. */
  readonly backend: number;
}

/** A service's key and the name that follows from it. */
export function named(what: Json): { readonly key: string; readonly hostname: string } {
  const key = hashOf(["service", ...(what as readonly Json[])]);
  const hostname = BigInt(`0x${key.slice("sha256:".length, 28)}`)
    .toString(36)
    .padStart(13, "0")
    .slice(0, 13);
  return { key, hostname };
}
