import { visible } from "../../model/visible.ts";
import type { Finding } from "../../model/finding.ts";
import { isExpired, suppressor, type Suppression } from "./suppressions.ts";

/**
 * What is wrong with the suppressions themselves, a sentence each: one that has expired, and one that nothing is found for, which
 * would hide the next one like it unseen.
 * @param complete whether everything that could find something was run, to its end
 */
export function suppressionFaults(
  suppressions: readonly Suppression[],
  findings: readonly Finding[],
  { now, complete }: { readonly now: Date; readonly complete: boolean },
): string[] {
  return suppressions.flatMap((suppression) => {
    const { rule, until, owner } = suppression;
    const found = findings.some(suppressor(suppression));
    const what = `${visible(rule)}${within(suppression)}`;
    if (isExpired(suppression, now)) {
      const next = found
        ? `fix it, or ask ${visible(owner)} whether it may stay`
        : "nothing is found for it: take it out";
      return [`${what} was suppressed until ${until}: ${next}`];
    }
    return found || !complete ? [] : [`${what} is suppressed, and nothing is found for it: take it out`];
  });
}

function within({ package: name, path }: Suppression): string {
  return [name, path].flatMap((part) => (part === undefined ? [] : [` in ${visible(part)}`])).join("");
}
