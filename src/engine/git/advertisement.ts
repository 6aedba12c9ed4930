/** All that comes, as one. */
export async function collected(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * A server's list of refs, with a HEAD: isomorphic-git's fetch fails where a server names none, and makes no other use of it.
 * @see https://github.com/isomorphic-git/isomorphic-git/issues/1654
 */
export async function* withHead(advertisement: Buffer): AsyncIterableIterator<Uint8Array> {
  const text = advertisement.toString("latin1");
  const [oid] = /[0-9a-f]{40}(?= refs\/)/.exec(text) ?? [];
  yield await Promise.resolve(
    oid === undefined || / HEAD[\0\n]/.test(text) || !text.endsWith("0000")
      ? advertisement
      : Buffer.from(`${text.slice(0, -4)}0032${oid} HEAD\n0000`, "latin1"),
  );
}
