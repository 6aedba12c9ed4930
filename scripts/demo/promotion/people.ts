import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

/** Those who may approve, and one of the developers. */
export const people = ["mira", "noor", "lin"] as const;
export type PersonName = (typeof people)[number];

export const emailOf = (person: PersonName) => `${person}@harbour.example`;

/** A key for each, as `ssh-keygen` makes it, and the file that says whose it is. Answers where the keys are. */
export async function givePeopleKeys(
  directory: string,
  repository: string,
): Promise<Readonly<Record<PersonName, string>>> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const lines: string[] = [];
  for (const person of people) {
    const key = join(directory, person);
    await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", emailOf(person), "-f", key]);
    const [type, value] = (await readFile(`${key}.pub`, "utf8")).split(" ");
    lines.push(`${emailOf(person)} ${String(type)} ${String(value)}\n`);
  }
  await writeFile(join(repository, "fairway.allowed_signers"), lines.join(""));
  return { mira: join(directory, "mira"), noor: join(directory, "noor"), lin: join(directory, "lin") };
}
