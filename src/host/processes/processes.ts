/**
 * Processes of this machine that outlive the one that starts them: daemons found again by their record, identities
 * that survive the reuse of a pid, an end with grace, and the finding of what was left behind.
 */
export {
  becomeDaemon,
  ensureDaemon,
  findDaemon,
  lostDaemons,
  spawnDaemon,
  whenLost,
  type Daemon,
  type DaemonOptions,
} from "./daemon.ts";
export { readJsonFile, writeJsonFile } from "./files.ts";
export { identityOf, isAlive, ownIdentity, type ProcessIdentity } from "./identity.ts";
export { areConnectionsOf, listeningPorts, type LocalConnection } from "./listening.ts";
export { takeLock, type ProcessLock } from "./lock.ts";
export { memoryOfTree } from "./memory.ts";
export { markedProcesses } from "./marked.ts";
export { freePort, freePortFrom, isFree } from "./ports.ts";
export { endedWithin, sendSignal, stopPids, stopProcess, type StopOptions } from "./stop.ts";
