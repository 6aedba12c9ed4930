export { openGitRemote, type GitRemote, type GitRemoteOptions, type PushOutcome } from "./remote.ts";
export { type CommitRequest, type GitObjects } from "./objects.ts";
export { GitUnreachable } from "./failures.ts";
