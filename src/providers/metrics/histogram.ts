import type { Bucket, Distribution } from "../../model/metric.ts";
import type { Grown } from "./growth.ts";

/** Makes the error of what cannot be one. */
type Wrong = (came: string, remedy: string) => Error;

/**
 * The buckets of a classic histogram, each of whose counters holds all values up to `le`; several replicas are put together.
 * @param scale of a border to milliseconds
 */
export function distributionOf(grown: readonly Grown[], scale: number, wrong: Wrong): Distribution {
  const replicas = [...Map.groupBy(grown, ({ labels }) => replicaOf(labels)).values()]
    .map((counters) => bucketsOf(counters, scale, wrong))
    .filter((buckets) => buckets.some(({ count }) => count > 0));
  const [first = [], ...others] = replicas;
  const borders = (buckets: readonly Bucket[]) => buckets.map(({ upTo }) => String(upTo)).join();
  if (others.some((buckets) => borders(buckets) !== borders(first)))
    throw wrong("its replicas count in different buckets", "Let all replicas of a version have the same.");
  const buckets = first.map((bucket, index) => ({
    ...bucket,
    count: replicas.reduce((sum, replica) => sum + (replica[index]?.count ?? 0), 0),
  }));
  return { kind: "distribution", buckets: buckets.filter(({ count }) => count > 0) };
}

function bucketsOf(counters: readonly Grown[], scale: number, wrong: Wrong): readonly Bucket[] {
  const sorted = counters
    .map(({ labels, grown }) => ({ border: borderOf(labels["le"]), upToBorder: grown }))
    .sort((one, other) => one.border - other.border);
  if (sorted.some(({ border }) => Number.isNaN(border)))
    throw wrong("it has no label le", "Name the _bucket series of a classic histogram.");
  if (sorted.at(-1)?.border !== Infinity)
    throw wrong('it has no bucket le="+Inf"', "Name all buckets of a histogram.");
  const buckets = sorted.map(({ border, upToBorder }, index) => ({
    above: scale * Math.max(0, sorted[index - 1]?.border ?? 0),
    upTo: border === Infinity ? null : scale * border,
    count: upToBorder - (sorted[index - 1]?.upToBorder ?? 0),
  }));
  if (buckets.some(({ count }) => count < 0))
    throw wrong("a bucket has less than a smaller one", "Name the _bucket series of one classic histogram.");
  return buckets;
}

function replicaOf({ le: _, ...labels }: Grown["labels"]): string {
  return JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function borderOf(le: string | undefined): number {
  if (le === undefined || le === "") return Number.NaN;
  return le === "+Inf" ? Infinity : Number(le);
}
