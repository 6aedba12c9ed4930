import type { Clock } from "../../../model/clock.ts";
import { failure, type FairwayError } from "../../../model/errors.ts";
import type { Branch, BranchState } from "./branch.ts";
import { contains } from "./history.ts";

/** What a commit changes, decided on the state that it is made upon. */
export interface Change {
  /** By path from the repository's root. */
  readonly files: Readonly<Record<string, string>>;
  readonly message: string;
}

export interface WriteOptions {
  readonly branch: Branch;
  readonly clock: Clock;
  readonly author: { readonly name: string; readonly email: string };
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
}

export interface Written {
  /** The commit that was made; null when nothing had to be changed. */
  readonly commit: string | null;
  /** As it was read before. */
  readonly state: BranchState;
}

/** Of others who are faster, again and again. */
const patienceMs = 300_000;
/** A refusal while nobody else has pushed may be a lock of the server's that goes away. */
const refusalsBeforeBelief = 4;

/**
 * Makes one commit: decided on the branch as it is, and pushed from there and nowhere else. Who lost the race reads again and
 * decides again. A push whose answer was lost is looked for before another is made.
 * @param decide null when nothing is left to do; throws what forbids the change
 * @throws FairwayError TARGET_REFUSED, TARGET_BUSY, and what `decide` throws
 */
export async function writeCommit(
  options: WriteOptions,
  decide: (state: BranchState) => Promise<Change | null>,
): Promise<Written> {
  const { branch, clock, author, signal, report } = options;
  const { remote } = branch;
  const until = clock.now().getTime() + patienceMs;
  const sent: string[] = [];
  let refusals = 0;
  for (let attempt = 0; ; attempt += 1) {
    const state = await branch.look(signal);
    for (const commit of sent) {
      if (await contains(branch, state.head, commit)) return { commit, state };
    }
    const change = await decide(state);
    if (change === null) return { commit: null, state };
    const { files, message } = change;
    const commit = await remote.objects.write({
      ...{ parent: state.head, files, message, author },
      at: clock.now(),
    });
    const outcome = await remote.push(commit, state.head, signal);
    switch (outcome.kind) {
      case "done":
        return { commit, state };
      case "unknown":
        sent.push(commit);
        report(`no answer to the push of ${commit.slice(0, 7)}: looking whether it arrived`);
        break;
      case "refused": {
        // It may have been a race, too.
        const moved = (await branch.look(signal)).head !== state.head;
        refusals = moved ? 0 : refusals + 1;
        if (refusals === refusalsBeforeBelief) throw refused(branch, outcome);
        report(`the server refused the push (${outcome.words}): trying again`);
        break;
      }
      case "moved":
        report("somebody else has pushed to the branch meanwhile: trying again");
        break;
    }
    if (clock.now().getTime() > until) throw busy(branch);
    await clock.sleep(Math.random() * Math.min(5_000, 100 * 2 ** Math.min(attempt, 10)), signal);
  }
}

function refused({ remote }: Branch, { words, output }: { words: string; output: string }): FairwayError {
  return failure(`the server refuses the push: ${words}`, {
    code: "TARGET_REFUSED",
    place: remote.url,
    output: output === "" ? undefined : output,
    remedy: "let the owner of the token push to this branch, where it is protected",
  });
}

function busy({ remote }: Branch): FairwayError {
  return failure(
    `no commit could be pushed in ${patienceMs / 60_000} minutes: others were faster each time`,
    {
      code: "TARGET_BUSY",
      place: remote.url,
      remedy: "repeat the command when fewer push to this branch",
    },
  );
}
