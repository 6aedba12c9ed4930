import { createInterface } from "node:readline/promises";
import { failure, usageError } from "../../model/errors.ts";
import type { ConfirmItem } from "../../release/gates/checklist.ts";

export interface Confirming {
  /** Whether it was said on the command line. */
  readonly confirmed: boolean;
  readonly say: (text: string) => void;
  /** Null where nobody is there to be asked. */
  readonly ask: ((question: string) => Promise<string>) | null;
  /** What to type instead of an answer. */
  readonly remedy: string;
}

/**
 * Whoever signs the plan confirms its checklist with it: that is shown, and asked for.
 * @throws FairwayError CONFIRMATION_MISSING (exit 2) where nobody can be asked, NOT_CONFIRMED (exit 1)
 */
export async function confirmItems(items: readonly ConfirmItem[], confirming: Confirming): Promise<void> {
  if (items.length === 0) return;
  const { confirmed, say, ask, remedy } = confirming;
  const lines = items.map(({ name, confirm }) => `  ${name}: ${confirm}`);
  say(`With your signature you confirm:\n${lines.join("\n")}\n`);
  if (confirmed) return;
  if (ask === null) {
    throw usageError("the plan has a checklist that whoever approves it confirms. Nothing was signed.", {
      code: "CONFIRMATION_MISSING",
      place: "--confirm",
      output: lines.join("\n"),
      remedy: `Look at each of it, then say so:\n${remedy}`,
    });
  }
  if (/^y(es)?$/i.test((await ask("Do you confirm all of it? [yes/no] ")).trim())) return;
  throw failure("it was not confirmed. Nothing was signed.", { code: "NOT_CONFIRMED", remedy });
}

/** Asks on the terminal; null where there is none. */
export function questionOn(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
): ((question: string) => Promise<string>) | null {
  // Typed as always there, but undefined on a pipe.
  const isTerminal = [input, output].every(({ isTTY }: { isTTY?: boolean }) => isTTY === true);
  if (!isTerminal) return null;
  return async (question) => {
    const lines = createInterface({ input, output });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  };
}
