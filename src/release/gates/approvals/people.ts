import { matchesList } from "./signers/patterns.ts";
import type { Signer } from "./signers/allowed-signers.ts";

/** One human being, as far as the signers file can tell: all lines that share a name or a key. */
export interface Person {
  /** The first name in the file; null when there are only patterns. */
  readonly name: string | null;
  readonly lines: readonly Signer[];
}

/**
 * Two keys of one name are one person, and so are two names of one key: who has two of either still counts once.
 */
export function peopleOf(signers: readonly Signer[]): readonly Person[] {
  const groups: Signer[][] = [];
  for (const signer of signers) {
    const same = groups.filter((group) => group.some((other) => sharesPerson(other, signer)));
    for (const group of same) groups.splice(groups.indexOf(group), 1);
    groups.push([...same.flat(), signer]);
  }
  return groups.map((lines) => {
    const sorted = lines.toSorted((a, b) => a.line - b.line);
    return { name: sorted.flatMap((line) => line.names)[0] ?? null, lines: sorted };
  });
}

/** Whether one of the person's lines, patterns too, takes this name or e-mail address; case does not count. */
export function isKnownAs(person: Person, name: string): boolean {
  return person.lines.some((line) => matchesList(name.toLowerCase(), line.principals));
}

function sharesPerson(one: Signer, other: Signer): boolean {
  if (one.key.fingerprint === other.key.fingerprint) return true;
  return one.names.some((name) => other.names.includes(name));
}
