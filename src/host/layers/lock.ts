import { createHash } from "node:crypto";
import { connect, createServer, type Server } from "node:net";

/**
 * Runs `work` while no other process of this machine runs work under the same name. The lock is a socket in the
 * kernel's abstract namespace: it dies with its process, and those who wait are told by the kernel.
 */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const address = `\0fairway-${createHash("sha256").update(name).digest("hex").slice(0, 40)}`;
  const server = await acquire(address);
  try {
    return await work();
  } finally {
    await release(server);
  }
}

async function acquire(address: string): Promise<Server> {
  for (;;) {
    const server = await listen(address);
    if (server !== undefined) return server;
    await untilReleased(address);
  }
}

const waiters = new WeakMap<Server, Set<{ destroy(): void }>>();

function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const sockets = new Set<{ destroy(): void }>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    });
    waiters.set(server, sockets);
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen({ path: address, exclusive: true }, () => {
      resolve(server);
    });
  });
}

function untilReleased(address: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ path: address });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      resolve();
    });
    socket.resume();
  });
}

function release(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    for (const socket of waiters.get(server) ?? []) socket.destroy();
  });
}
