import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { EngineError } from "../errors.ts";

export interface Forwarder {
  /** Where it listens. */
  readonly port: number;
  /** Ends all connections too. */
  close(): Promise<void>;
}

interface End {
  readonly host: string;
  readonly port: number;
}

/** Takes connections at one end and carries their bytes to the other; a connection that it cannot make it ends. */
export async function forward(from: End, to: End): Promise<Forwarder> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const upstream = connect({ ...to, allowHalfOpen: true });
    for (const end of [socket, upstream]) {
      open.add(end);
      end.once("close", () => open.delete(end));
    }
    Promise.all([pipeline(socket, upstream), pipeline(upstream, socket)]).catch(() => {
      socket.destroy();
      upstream.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(refused(from, error));
    });
    server.listen({ ...from, exclusive: true }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of open) socket.destroy();
      }),
  };
}

function refused({ host, port }: End, error: NodeJS.ErrnoException): Error {
  const where = `${host}:${String(port)}`;
  if (error.code === "EADDRINUSE")
    return new EngineError(
      `listen ${where}: the port is in use on this machine: give it another frontend port, or end the program that listens there (\`ss -ltnp\` shows it)`,
      { cause: error },
    );
  if (error.code === "EACCES")
    return new EngineError(
      `listen ${where}: an ordinary user may not listen on a port below 1024: give it a higher frontend port, or use the real engine (--engine dagger)`,
      { cause: error },
    );
  return error;
}
