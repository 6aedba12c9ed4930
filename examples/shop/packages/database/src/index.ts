import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/prisma/client.ts";

export type { PrismaClient } from "./generated/prisma/client.ts";
export { Prisma } from "./generated/prisma/client.ts";

export interface DatabaseOptions {
  /** postgresql://user:password@host:port/database */
  readonly url: string;
  /** Connections that this process opens at most. */
  readonly poolSize: number;
}

/** A client with a pool of its own; `$disconnect()` closes it. */
export function openDatabase({ url, poolSize }: DatabaseOptions): PrismaClient {
  return new PrismaClient({
    adapter: new PrismaPg({
      connectionString: url,
      max: poolSize,
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 30_000,
    }),
  });
}

/** Asks the database one question; rejects when it has not answered after `timeoutMs`. */
export async function ping(database: PrismaClient, timeoutMs: number): Promise<void> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`the database did not answer within ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    await Promise.race([database.$queryRaw`SELECT 1`, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
