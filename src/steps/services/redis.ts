import type { Client } from "@dagger.io/dagger";
import type { EphemeralServer, ServerOptions } from "./server.ts";

export function redisService(client: Client, { version, images, purpose }: ServerOptions): EphemeralServer {
  const alias = "redis";
  const service = client
    .container()
    .from(images.redis(version))
    .withEnvVariable("FAIRWAY_PURPOSE", purpose)
    .withExposedPort(6379)
    // It ends with the step: nothing is kept on a disk.
    .asService({ args: ["redis-server", "--save", "", "--appendonly", "no"], useEntrypoint: true });
  return { service, alias, url: `redis://${alias}:6379` };
}
