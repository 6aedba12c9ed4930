/** Something to be found, as bytes. */
export interface Needle {
  readonly bytes: Uint8Array;
}

/** Finds in a stream which of many needles it holds. */
export interface StreamSearch<N extends Needle> {
  write(chunk: Uint8Array): void;
  readonly found: ReadonlySet<N>;
}

/**
 * A search for all needles at once, by Wu and Manber's algorithm ("A fast algorithm for multi-pattern searching",
 * TR-94-17, 1994) with blocks of two bytes: the time hardly depends on how many needles there are. All needles have
 * two bytes or more.
 */
export function createSearch<N extends Needle>(needles: readonly N[]): () => StreamSearch<N> {
  const shortest = Math.min(...needles.map(({ bytes }) => bytes.length), 256);
  const longest = Math.max(...needles.map(({ bytes }) => bytes.length), 0);
  if (needles.length > 0 && shortest < 2) throw new RangeError("a needle has two bytes or more");
  const shifts = new Uint8Array(1 << 16).fill(shortest - 1);
  const ending = new Map<number, N[]>();
  for (const needle of needles) {
    for (let at = 1; at < shortest; at++) {
      const block = blockAt(needle.bytes, at);
      shifts[block] = Math.min(shifts[block] ?? 0, shortest - 1 - at);
      if (at === shortest - 1) ending.set(block, [...(ending.get(block) ?? []), needle]);
    }
  }

  const searchIn = (bytes: Uint8Array, found: Set<N>) => {
    for (let at = shortest - 1; at < bytes.length;) {
      const block = blockAt(bytes, at);
      const shift = shifts[block] ?? 0;
      if (shift > 0) {
        at += shift;
        continue;
      }
      for (const needle of ending.get(block) ?? [])
        if (standsAt(bytes, at - shortest + 1, needle.bytes)) found.add(needle);
      at++;
    }
  };

  return () => {
    const found = new Set<N>();
    let before: Uint8Array = new Uint8Array();
    return {
      found,
      write: (chunk) => {
        if (needles.length === 0 || chunk.length === 0) return;
        const bytes = before.length === 0 ? chunk : Buffer.concat([before, chunk]);
        searchIn(bytes, found);
        // A needle may begin here and end in the next chunk.
        before = Uint8Array.from(bytes.subarray(Math.max(0, bytes.length - longest + 1)));
      },
    };
  };
}

function blockAt(bytes: Uint8Array, end: number): number {
  return ((bytes[end - 1] ?? 0) << 8) | (bytes[end] ?? 0);
}

function standsAt(bytes: Uint8Array, start: number, needle: Uint8Array): boolean {
  if (start + needle.length > bytes.length) return false;
  for (let at = 0; at < needle.length; at++) if (bytes[start + at] !== needle[at]) return false;
  return true;
}
