/**
 * The items of a list that is one word: `a,b`, and `"a, b",c` where an item holds a comma (RFC 4180, as Dagger reads
 * it). @throws Error for a quote that is not closed
 */
export function listItems(word: string): string[] {
  const items: string[] = [];
  let rest = word;
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"(?=,|$)/.exec(rest);
    if (quoted === null && rest.startsWith('"')) throw new Error("a quote is not closed");
    const [whole = "", inner] = quoted ?? /^[^,]*/.exec(rest) ?? [];
    items.push(inner === undefined ? whole : inner.replaceAll('""', '"'));
    rest = rest.slice(whole.length);
    if (rest === "") return items;
    rest = rest.slice(1);
  }
}
