import { environmentOf } from "../config/config.ts";
import { exitCodes, FairwayError, isFairwayError } from "../model/errors.ts";
import { ledgerNowhere } from "../providers/ledgers/ledgers.ts";
import type { Delivery } from "./delivery.ts";

/** The environment that was named, or all of them. */
export async function environmentNames(delivery: Delivery, named: string): Promise<readonly string[]> {
  const config = await delivery.config();
  if (named !== "") {
    environmentOf(config, named);
    return [named];
  }
  const all = Object.keys(config.environments);
  if (all.length > 0) return all;
  throw new FairwayError("fairway.yaml lists no environments", {
    code: "NO_ENVIRONMENTS",
    exitCode: exitCodes.usage,
    place: "fairway.yaml environments",
    remedy: "Add one:\nenvironments:\n  local: { target: local }",
  });
}

/**
 * What is read of each of them. One that cannot be read, for want of its secrets say, is told of and does not hide the
 * others; asked for by name, it is an error.
 */
export async function ofEach<T>(
  delivery: Delivery,
  named: string,
  read: (name: string) => Promise<T>,
): Promise<readonly T[]> {
  const names = await environmentNames(delivery, named);
  if (names.length === 1) return Promise.all(names.map(read));
  return (await readEach(delivery, names, read)).found;
}

export interface ReadEnvironments<T> {
  readonly found: readonly T[];
  /** They may have anything. */
  readonly unread: readonly string[];
  /** Their ledger has no place yet: nothing was ever deployed to them from here. */
  readonly notYet: readonly string[];
}

/** Reads what can be read, and tells of what cannot: once for all that it is the same with. */
export async function readEach<T>(
  delivery: Pick<Delivery, "progress">,
  names: readonly string[],
  read: (name: string) => Promise<T>,
): Promise<ReadEnvironments<T>> {
  const found: T[] = [];
  const failed: { readonly name: string; readonly error: FairwayError }[] = [];
  for (const name of names) {
    try {
      found.push(await read(name));
    } catch (error) {
      if (!isFairwayError(error)) throw error;
      failed.push({ name, error });
    }
  }
  const isNotYet = ({ error }: (typeof failed)[number]) => error.code === ledgerNowhere;
  const named = (some: typeof failed) => some.map(({ name }) => name);
  for (const message of new Set(failed.map(({ error }) => error.message))) {
    const same = failed.filter(({ error }) => error.message === message);
    const is = same.length === 1 ? "is" : "are";
    const what = same.every(isNotYet) ? `${is} not set up yet` : "cannot be looked at";
    delivery.progress.note(`${named(same).join(" and ")} ${what}: ${message}`);
  }
  return {
    found,
    unread: named(failed.filter((one) => !isNotYet(one))),
    notYet: named(failed.filter(isNotYet)),
  };
}

/** Those that run on this machine. */
export async function localEnvironments(delivery: Delivery): Promise<readonly string[]> {
  const { environments } = await delivery.config();
  return Object.keys(environments).filter((name) => environments[name]?.target === "local");
}
