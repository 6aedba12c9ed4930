import type { Client, Service } from "@dagger.io/dagger";
import type { ToolImages } from "../tool-images.ts";

/** A Redis server that lives as long as the steps that use it. */
export interface RedisService {
  readonly service: Service;
  /** Bind the service under this name. */
  readonly alias: string;
  /** For a step that has the service bound. */
  readonly url: string;
}

/**
 * @param purpose tells servers apart: the same purpose is the same server, within one session.
 */
export function redisService(
  client: Client,
  options: { readonly version: string; readonly images: ToolImages; readonly purpose: string },
): RedisService {
  const alias = "redis";
  const service = client
    .container()
    .from(options.images.redis(options.version))
    .withEnvVariable("FAIRWAY_PURPOSE", options.purpose)
    .withExposedPort(6379)
    // It ends with the step: nothing is kept on a disk.
    .asService({ args: ["redis-server", "--save", "", "--appendonly", "no"], useEntrypoint: true });
  return { service, alias, url: `redis://${alias}:6379` };
}
