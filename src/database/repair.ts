import type { PrismaLayout, Project } from "../steps/steps.ts";

type Toolchain = Pick<Project["toolchain"], "manager">;

/** What a person types at the repository's root to run the repository's own Prisma. */
export function typedPrisma(
  { manager }: Toolchain,
  { directory, schema }: Pick<PrismaLayout, "directory" | "schema">,
  ...words: readonly string[]
): string {
  const prisma = `prisma ${words.map(quoted).join(" ")} --schema ${schema}`;
  if (directory === ".") return manager === "yarn" ? `yarn run ${prisma}` : `${manager} exec -- ${prisma}`;
  if (manager === "pnpm") return `pnpm --dir ${directory} exec ${prisma}`;
  if (manager === "yarn") return `yarn --cwd ${directory} run ${prisma}`;
  return `cd ${directory} && npm exec -- ${prisma}`;
}

/** Finds the commit whose text of the file has the SHA-256 that was applied, and brings that text back. */
export function restoreApplied(name: string, checksum: string): string {
  const path = quoted(name);
  return (
    `for c in $(git log --all --format=%H -- ${path}); do git show $c:${path} | sha256sum | grep -q ^${checksum} ` +
    `&& git checkout $c -- ${path} && break; done`
  );
}

/** Brings back a file that some commit has, of whatever branch. */
export function restoreMissing(name: string): string {
  const path = quoted(name);
  return `git checkout $(git log --all -1 --diff-filter=AM --format=%H -- ${path}) -- ${path}`;
}

/** A name that a database says is data, and the reader pastes what is printed into a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
