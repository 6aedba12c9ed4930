import { Agent } from "node:http";

/** One replica that can be asked. */
export interface Upstream {
  /** Unique among the replicas of the service, also over time. */
  readonly id: string;
  readonly address: string;
  readonly port: number;
  /** The release that it runs, for the metrics. */
  readonly version: string;
}

/** Those that visitors get, and those that run beside them. */
export type Group = "serving" | "beside";

export interface Member {
  readonly upstream: Upstream;
  group: Group;
  /** Keeps connections for requests that may be repeated; others get a connection of their own. */
  readonly agent: Agent;
  inFlight: number;
  /** Called whenever a request of it has ended. */
  onEnd: (() => void) | undefined;
}

/** The replicas of one service that get requests, and those that finish the ones they have. */
export interface Rotation {
  /** Also moves it from one group to the other, with its connections. */
  admit(upstream: Upstream, group: Group): void;
  withdraw(id: string): void;
  /** Drops the connections that are kept to a replica that was withdrawn. */
  forget(id: string): void;
  /**
   * Of the first group that has any, the member with the least requests in flight, in turn among equals; one of `avoided`
   * only when those of all the groups are.
   */
  pick(groups: readonly Group[], avoided: ReadonlySet<string>): Member | undefined;
  /** True when the replica has no request in flight, false when it still has after `milliseconds`. */
  drained(id: string, milliseconds: number): Promise<boolean>;
  members(): readonly Member[];
}

export function createRotation(): Rotation {
  const known = new Map<string, Member>();
  let active: Member[] = [];
  const turns = { serving: 0, beside: 0 };
  const firstOf = (groups: readonly Group[], members: readonly Member[]): Member | undefined => {
    for (const group of groups) {
      const found = leastInFlight(
        members.filter((member) => member.group === group),
        turns[group],
      );
      if (found === undefined) continue;
      turns[group] += 1;
      return found;
    }
    return undefined;
  };
  return {
    admit: (upstream, group) => {
      const before = known.get(upstream.id);
      // Started again, it listens somewhere else: what was kept leads nowhere.
      const isSame = before?.upstream.port === upstream.port && before.upstream.address === upstream.address;
      if (!isSame) before?.agent.destroy();
      const member = before !== undefined && isSame ? before : newMember(upstream, group);
      member.group = group;
      known.set(upstream.id, member);
      if (active.includes(member)) return;
      active = [...active.filter((other) => other.upstream.id !== upstream.id), member];
    },
    withdraw: (id) => {
      active = active.filter((member) => member.upstream.id !== id);
    },
    forget: (id) => {
      active = active.filter((member) => member.upstream.id !== id);
      known.get(id)?.agent.destroy();
      known.delete(id);
    },
    pick: (groups, avoided) => {
      const fresh = active.filter((member) => !avoided.has(member.upstream.id));
      return firstOf(groups, fresh) ?? firstOf(groups, active);
    },
    drained: async (id, milliseconds) => {
      const member = known.get(id);
      return member === undefined || (await idleWithin(member, milliseconds));
    },
    members: () => active,
  };
}

function newMember(upstream: Upstream, group: Group): Member {
  return {
    upstream,
    group,
    agent: new Agent({ keepAlive: true, maxFreeSockets: 32 }),
    inFlight: 0,
    onEnd: undefined,
  };
}

function leastInFlight(members: readonly Member[], turn: number): Member | undefined {
  let best: Member | undefined;
  for (let offset = 0; offset < members.length; offset++) {
    const member = members[(turn + offset) % members.length];
    if (member !== undefined && (best === undefined || member.inFlight < best.inFlight)) best = member;
  }
  return best;
}

function idleWithin(member: Member, milliseconds: number): Promise<boolean> {
  if (member.inFlight === 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (idle: boolean) => {
      clearTimeout(timer);
      member.onEnd = undefined;
      resolve(idle);
    };
    const timer = setTimeout(() => {
      finish(false);
    }, milliseconds);
    member.onEnd = () => {
      if (member.inFlight === 0) finish(true);
    };
  });
}
