import { once } from "node:events";
import { connect } from "node:net";
import { failure } from "../../model/errors.ts";

/** A session is on this machine: it answers at once, or not at all. */
const patienceMs = 5_000;

/**
 * A shell keeps the variables of a session that has ended; without a look here the first request fails, with no word of them.
 * @throws FairwayError SESSION_ENDED (exit 1)
 */
export async function requireLiveSession(port: string): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port: Number(port) });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(patienceMs) });
  } catch (error) {
    throw failure(
      `no Dagger session answers at port ${port}, which DAGGER_SESSION_PORT names: it has ended`,
      {
        code: "SESSION_ENDED",
        place: "DAGGER_SESSION_PORT",
        remedy:
          "Take it out of this shell, and run the command again:\nunset DAGGER_SESSION_PORT DAGGER_SESSION_TOKEN",
        cause: error,
      },
    );
  } finally {
    socket.destroy();
  }
}
