import type { Container } from "@dagger.io/dagger";
import { isFairwayError } from "../../model/errors.ts";
import { askGit } from "./git-step.ts";

/**
 * Files that are committed although a .gitignore names them: whatever leaves out what is ignored does not see them.
 * @param step of `gitStep`
 * @returns paths from the root of the repository; null where git cannot tell
 */
export async function ignoredInGit(step: Container): Promise<readonly string[] | null> {
  try {
    const answer = await askGit(step, [script], "git cannot say which files it has");
    const [, paths] = /^paths (.*)$/m.exec(answer) ?? [];
    if (paths === undefined) return null;
    const names = Buffer.from(paths, "base64").toString("utf8").split("\0");
    return names.filter((path) => path !== "");
  } catch (error) {
    if (isFairwayError(error)) return null;
    throw error;
  }
}

const script = `
# ask git for what it has although it is ignored
[ -d .git ] || exit 0
list=$(mktemp)
git ls-files --cached --ignored --exclude-standard -z > "$list"
printf 'paths '
base64 < "$list" | tr -d '\\n'
`;
