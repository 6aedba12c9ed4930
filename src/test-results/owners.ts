/** Where a repository says who owns what; the first that is there counts. */
export const ownerFiles = [
  ".github/CODEOWNERS",
  "CODEOWNERS",
  "docs/CODEOWNERS",
  ".gitlab/CODEOWNERS",
] as const;

/**
 * Who owns a file by a CODEOWNERS: the last line that matches says it, `@shop/cart ada@example.com`; null for nobody. Its patterns are
 * those of .gitignore.
 */
export async function ownerOf(codeowners: string, path: string): Promise<string | null> {
  const { default: ignore } = await import("ignore");
  const lines = codeowners.split(/\r?\n/).flatMap((line) => {
    const [pattern = "", ...owners] = line
      .replace(/(^|\s)#.*$/, "")
      .trim()
      .split(/\s+/);
    // A section of GitLab's.
    return pattern === "" || /^\^?\[/.test(pattern) ? [] : [{ pattern, owners }];
  });
  if (!ignore.isPathValid(path)) return null;
  const last = lines.findLast(({ pattern }) => ignore().add(pattern).ignores(path));
  return last === undefined || last.owners.length === 0 ? null : last.owners.join(" ");
}
