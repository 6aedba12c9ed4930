export { openGitRemote, type GitRemote, type GitRemoteOptions, type PushOutcome } from "./remote.ts";
export { type CommitRequest, type GitObjects } from "./objects.ts";
export { GitUnreachable, hidden, type GitPlace } from "./failures.ts";
export { gitHttp } from "./http.ts";
export { memoryFileSystem } from "./memory-file-system.ts";
