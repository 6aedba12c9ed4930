import { randomBytes } from "node:crypto";
import { sweepSecretFiles } from "./container/secret-files.ts";
import { answering } from "./query.ts";
import { serve } from "./server.ts";
import { Session, type EngineOptions } from "./session.ts";

export type { EngineEvent } from "./events.ts";
export { scriptedExecutor } from "./scripted/scripted.ts";
export type * from "./scripted/script.ts";
export { sandboxExecutor } from "./executor/executor.ts";
export type { EngineOptions } from "./session.ts";

/** A session of the embedded engine: Dagger's wire API on a loopback port, for the unmodified client. */
export interface EngineSession {
  readonly port: number;
  /** For DAGGER_SESSION_TOKEN. */
  readonly token: string;
  /** Ends all steps and services of the session; nothing of it stays running. */
  close(): Promise<void>;
}

/** Starts a session. Its steps are run by the executor. */
export async function startEngine(options: EngineOptions): Promise<EngineSession> {
  const token = randomBytes(24).toString("hex");
  await sweepSecretFiles();
  const session = new Session(options);
  const server = await serve(token, answering(session));
  return {
    port: server.port,
    token,
    close: async () => {
      await Promise.all([session.close(), server.close()]);
    },
  };
}
