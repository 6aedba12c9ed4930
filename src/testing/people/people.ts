import type { Asker } from "../../release/gates/may-answer.ts";
import { sshKeyOf, type SshKey } from "./ssh-key.ts";

/** Somebody in a scenario. */
export interface SimulatedPerson extends Asker {
  readonly name: string;
  readonly email: string;
  /** As the ledger has them: `ada@laptop`. */
  readonly actor: string;
  readonly key: SshKey;
}

/** The person of this name; everybody has an address and a key. */
export function personNamed(
  name: string,
  known: Readonly<Record<string, { readonly email: string }>>,
): SimulatedPerson {
  const email = known[name]?.email ?? `${name}@example.com`;
  return { name, email, actor: `${name}@laptop`, key: sshKeyOf(email) };
}

/** The text of the signers file that has all of them. */
export function signersFile(people: readonly SimulatedPerson[]): string {
  return people.map(({ email, key }) => `${email} ${key.publicKey}`).join("\n");
}
