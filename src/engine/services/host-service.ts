import { isFree } from "../../host/processes/processes.ts";
import { all } from "../all.ts";
import { ownAddress } from "./addresses.ts";
import type { HostDefinition, PortForward } from "./definition.ts";
import { forward, type Forwarder } from "./forwarder.ts";
import type { RunningService } from "./running.ts";

const loopback = ["localhost", "127.0.0.1"];

/** Ports of a host at an address of their own, so that each is where its frontend says. */
export async function startHostService({ host, forwards }: HostDefinition): Promise<RunningService> {
  const own: PortForward[] = [];
  for (const each of forwards) if (!(await isThere(host, each))) own.push(each);
  const address = await ownAddress(own.map(({ frontend }) => frontend));
  const forwarders: Forwarder[] = [];
  const close = async () => {
    await all(forwarders.map((forwarder) => forwarder.close()));
  };
  try {
    for (const { frontend, backend } of own)
      forwarders.push(await forward({ host: address, port: frontend }, { host, port: backend }));
  } catch (error) {
    await close();
    throw error;
  }
  const ended = Promise.withResolvers<undefined>();
  return {
    address,
    ended: ended.promise,
    stop: async () => {
      await close();
      ended.resolve(undefined);
    },
  };
}

/** A program of this machine that listens on all addresses is at ours too: nothing is left to forward. */
async function isThere(host: string, { frontend, backend }: PortForward): Promise<boolean> {
  if (frontend !== backend || !loopback.includes(host)) return false;
  const addresses = await all([ownAddress([]), ownAddress([])]);
  return (await all(addresses.map((address) => isFree(frontend, address)))).every((free) => !free);
}
