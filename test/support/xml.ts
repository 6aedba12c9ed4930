/** What keeps a text from being XML as Fairway writes it (elements, attributes, character references); undefined where nothing does. */
export function xmlFault(text: string): string | undefined {
  const body = text.replace(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/, "");
  const open: string[] = [];
  for (const [token, words, close, name = "", attributes = ""] of body.matchAll(
    /([^<]+)|<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)>|</g,
  )) {
    const content = words ?? attributes;
    if (/&(?!#\d+;)/.test(content)) return `a bare & in ${content.slice(0, 100)}`;
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u.test(content))
      return "a character that XML has not";
    if (words !== undefined) continue;
    if (name === "") return `no element: ${token}`;
    if (close === "") open.push(name);
    else if (open.pop() !== name) return `</${name}> ends another element`;
  }
  return open.length === 0 ? undefined : `${open.join(", ")} not ended`;
}
