import { createProxyServer } from "httpxy";
import { createForwarder, type Route } from "./forward.ts";
import { createGate } from "./gate.ts";
import type { House } from "./house.ts";
import { openListener, type Listener } from "./listener.ts";
import type { ProxyMetrics } from "./metrics.ts";
import { createRotation, type Group, type Upstream } from "./rotation.ts";
import { createShares, type Shares, type Weight } from "./shares.ts";
import type { Farewell, Parted } from "./visits.ts";

export { createMetrics, type ProxyMetrics, type ReleaseLabels } from "./metrics.ts";
export { createHouse, passHeader, type Connection, type House } from "./house.ts";
export type { Upstream } from "./rotation.ts";
export type { Weight } from "./shares.ts";

export interface ProxyOptions {
  /** Name of the service, for the metrics and the proxy's own answers. */
  readonly service: string;
  readonly port: number;
  /** @default "127.0.0.1" */
  readonly address?: string;
  readonly metrics: ProxyMetrics;
  /** Who is no visitor. @default nobody: all are */
  readonly house?: House;
  /** Of visitors who stay on their side. Browsers know no ports: whatever shares an address shares it. @default "fairway-side" */
  readonly cookie?: string;
}

/**
 * The address of a service: a load balancer over the replicas in rotation, which are in two groups. Visitors get those that
 * serve; those that run beside get the share of them that a weight says, and at an address of their own all requests.
 * While nobody is in the group that a visitor would get, the other one answers him, unless there is no weight.
 *
 * A request goes to the replica with the least requests in flight. One that fails is tried on another replica only
 * where that cannot do anything twice: when no connection could be established, or when it is idempotent and has no
 * body, and nothing was answered; three tries at most. Kept connections to a replica carry only such requests, so a
 * replica that closes an idle connection never costs anybody a POST. Connections of clients are the proxy's own and
 * survive every rollout. Where another version answers in the end, the one that was asked before has failed. `503` with `Retry-After` is answered while nothing is in rotation.
 */
export interface ServiceProxy {
  readonly port: number;
  /** The port of the idle address; null until it is opened. */
  idlePort(): number | null;
  /**
   * Opens the idle address, which only what runs beside answers, and whose requests are not counted. Idempotent.
   * @returns its port
   * @throws the listen error (EADDRINUSE, ...)
   */
  openIdle(port: number): Promise<number>;
  /** Sends requests to this replica from now on, in one group or in the other one. @default "serving" */
  admit(upstream: Upstream, group?: Group): void;
  /** Sends it no further requests; those in flight go on. */
  withdraw(id: string): void;
  /** True as soon as a withdrawn replica has no request in flight (WebSockets count), false after `milliseconds`. */
  drained(id: string, milliseconds: number): Promise<boolean>;
  /** Withdraws it and drops idle connections to it. */
  forget(id: string): void;
  /** Sends a share of the visitors to those that run beside from now on; null for none of them. */
  weigh(weight: Weight | null): void;
  weight(): Weight | null;
  /**
   * From now on only those of the house are answered by a replica; visitors get 503 and a page. Answers when none of theirs
   * is under way any more: requests have `graceMs` to end, and are then cut off; WebSockets are closed at once.
   */
  keepOut(farewell: Farewell): Promise<Parted>;
  letIn(): void;
  /** The replicas in rotation, of both groups. */
  inRotation(): readonly Upstream[];
  /** Stops listening, gives requests in flight `graceMs`, then ends all connections. */
  close(graceMs: number): Promise<void>;
}

/** Starts listening. @throws the listen error (EADDRINUSE, ...) */
export async function createProxy(options: ProxyOptions): Promise<ServiceProxy> {
  const { service, metrics, house, address = "127.0.0.1", cookie = "fairway-side" } = options;
  const rotation = createRotation();
  const shares = createShares(cookie);
  const gate = createGate(house);
  const forwarder = createForwarder({ service, rotation, metrics, house, library: createProxyServer() });
  const visitors = await openListener({
    ...{ forwarder, gate, address, port: options.port },
    routeOf: ({ headers }) => visitorsRoute(shares, headers.cookie),
  });
  let idle: Listener | undefined;
  return {
    port: visitors.port,
    idlePort: () => idle?.port ?? null,
    openIdle: async (port) => {
      idle ??= await openListener({ ...{ forwarder, gate, address, port }, routeOf: () => idleRoute });
      return idle.port;
    },
    admit: (upstream, group = "serving") => {
      metrics.began({ service, version: upstream.version });
      rotation.admit(upstream, group);
    },
    withdraw: (id) => {
      rotation.withdraw(id);
    },
    drained: (id, milliseconds) => rotation.drained(id, milliseconds),
    forget: (id) => {
      rotation.forget(id);
    },
    weigh: (weight) => {
      shares.set(weight);
    },
    weight: () => shares.weight(),
    keepOut: (farewell) => gate.keepOut(farewell),
    letIn: () => {
      gate.letIn();
    },
    inRotation: () => rotation.members().map((member) => member.upstream),
    close: async (graceMs) => {
      await Promise.all([visitors.close(graceMs), idle?.close(graceMs)]);
    },
  };
}

/** What nobody answers on one side, the other one does: nobody is to notice that a canary died. */
function visitorsRoute(shares: Shares, cookies: string | undefined): Route {
  if (shares.weight() === null) return { groups: ["serving"], isCounted: true };
  const { group, ...keep } = shares.sideOf(cookies);
  return {
    groups: group === "beside" ? ["beside", "serving"] : ["serving", "beside"],
    isCounted: true,
    ...keep,
  };
}

const idleRoute: Route = { groups: ["beside"], isCounted: false };
