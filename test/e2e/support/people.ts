import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Repository } from "./repository.ts";

/** A key of its own for each person, and the file that says whose it is. */
export async function withPeople(repository: Repository, ...people: readonly string[]) {
  const keys = people.map((person) => {
    const path = join(repository.path, "..", `${person}-${String(process.pid)}.key`);
    spawnSync("rm", ["-f", path, `${path}.pub`]);
    const made = spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", person, "-f", path]);
    if (made.status !== 0) throw new Error("ssh-keygen failed");
    return [person, path] as const;
  });
  const lines = await Promise.all(
    keys.map(async ([person, path]) => {
      const [type, key] = (await readFile(`${path}.pub`, "utf8")).split(" ");
      return `${person}@example.com ${type} ${key}\n`;
    }),
  );
  await repository.write("fairway.allowed_signers", lines.join(""));
  return Object.fromEntries(keys);
}
