import type { PublishedImages } from "../../engine/engine.ts";

/** A registry in memory: what one engine publishes, another that has the same registry can pull. */
export interface FakeRegistry {
  /** Addresses that were published, without digests, sorted. */
  readonly addresses: readonly string[];
  /** `sha256:...` of what was published there last; undefined where nothing was. */
  digestOf(address: string): string | undefined;
  readonly images: PublishedImages;
}

export function fakeRegistry(): FakeRegistry {
  const images: PublishedImages = new Map();
  return {
    images,
    get addresses() {
      return [...images.keys()].filter((address) => !address.includes("@")).sort();
    },
    digestOf: (address) => images.get(address)?.digest,
  };
}
