import type { LookupFunction } from "node:net";
import { lookup } from "node:dns";
import { EngineError } from "../errors.ts";

/** Names of services before those of the network. */
export function lookupWith(hosts: Readonly<Record<string, string>>): LookupFunction {
  return (name, options, done) => {
    const address = hosts[name];
    if (address === undefined) lookup(name, options, done as never);
    else if (options.all === true) done(null, [{ address, family: 4 }]);
    else done(null, address, 4);
  };
}

/** Why no connection was made, as Go's programs say it. `asked` is what for, without secrets. */
export function dialFault(asked: string, error: unknown): EngineError {
  return new EngineError(`${asked}: ${reason(error)}`, { cause: error });
}

function reason(error: unknown): string {
  // A name with several addresses: the last that was tried.
  const last = error instanceof AggregateError ? (error.errors.at(-1) as unknown) : error;
  const { code, address, port, message, hostname } = last as NodeJS.ErrnoException & {
    readonly address?: string;
    readonly port?: number;
    readonly hostname?: string;
  };
  const to = `${address?.includes(":") === true ? `[${address}]` : String(address)}:${String(port)}`;
  if (code === "ECONNREFUSED") return `dial tcp ${to}: connect: connection refused`;
  if (code === "ENOTFOUND") return `dial tcp: lookup ${String(hostname)}: no such host`;
  return message;
}
