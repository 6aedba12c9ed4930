import { Socket } from "node:net";
import { failure } from "../../model/errors.ts";

/** Until it is disposed of, this process connects to this port of loopback and to nothing else. */
export function offline(port: number): Disposable {
  const before = Object.getOwnPropertyDescriptor(Socket.prototype, "connect");
  const connect = before?.value as (this: Socket, ...given: unknown[]) => Socket;
  Socket.prototype.connect = function (this: Socket, ...given: unknown[]): Socket {
    const asked = placeOf(given);
    if (asked.port === port) return connect.apply(this, given);
    const error = failure(`${asked.text} is not asked: nothing is reached where a call is only explained`, {
      code: "EXPLAIN_OFFLINE",
    });
    process.nextTick(() => this.destroy(error));
    return this;
  };
  return {
    [Symbol.dispose]: () => {
      Socket.prototype.connect = connect;
    },
  };
}

/** `connect(port, host)`, `connect(options)`, and the list of both that `net.connect` makes of them. */
function placeOf(given: readonly unknown[]): { readonly port: number; readonly text: string } {
  const [first, second] = Array.isArray(given[0]) ? (given[0] as unknown[]) : given;
  if (typeof first !== "object" || first === null)
    return {
      port: Number(first),
      text: `${typeof second === "string" ? second : "localhost"}:${String(first)}`,
    };
  const { port, host, path } = first as { port?: number | string; host?: string; path?: string };
  if (port === undefined) return { port: -1, text: path ?? "a socket" };
  return { port: Number(port), text: `${host ?? "localhost"}:${String(port)}` };
}
