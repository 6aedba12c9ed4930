/** Characters that a message may have; the rest of a longer one is left out, and says so. */
export const longest = { title: 300, message: 8_000, snippet: 1_000, name: 500 } as const;
