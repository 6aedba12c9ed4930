import type { Container } from "@dagger.io/dagger";

/**
 * Whether the steps of a container ran just now, or came from the cache. An engine does not tell, but a step that
 * prints the time is in the cache exactly when all before it is.
 * @param since seconds of the epoch, rounded down, before the container was asked for anything.
 */
export async function ranSince(container: Container, since: number): Promise<boolean> {
  const stamp = Number((await container.withExec([...stampCommand]).stdout()).trim());
  return !(stamp < since);
}

/** Exported for who shows steps: this one is not the user's. */
export const stampCommand = ["date", "+%s"] as const;

export function epochSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
