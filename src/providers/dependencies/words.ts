/** Why there was no answer, in the words of the one who asked. A host with several addresses fails once for each. */
export function reasonOf(error: unknown): string {
  const inner: unknown = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const first: unknown = inner instanceof AggregateError ? inner.errors[0] : inner;
  const message = first instanceof Error ? first.message : String(first);
  const code = (first as { code?: unknown } | null)?.code;
  return message === "" ? (typeof code === "string" ? code : "no answer") : message;
}
