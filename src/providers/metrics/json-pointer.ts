/**
 * What a JSON pointer leads to; undefined where that is nothing.
 * @see https://www.rfc-editor.org/rfc/rfc6901
 */
export function atPointer(document: unknown, pointer: string): unknown {
  const tokens = pointer.split("/").slice(1);
  return tokens
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((value, token) => {
      if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(token) ? value[Number(token)] : undefined;
      if (value === null || typeof value !== "object" || !Object.hasOwn(value, token)) return undefined;
      return (value as Record<string, unknown>)[token];
    }, document);
}
