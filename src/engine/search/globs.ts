import { IgnoreFile } from "../files/gitignore.ts";

/** ripgrep's `--glob`: as in a .gitignore, turned about; the last that names a path or a folder above it decides. */
export function globsOf(globs: readonly string[]): (path: string) => boolean {
  if (globs.length === 0) return () => true;
  const rules = new IgnoreFile("", globs.flatMap(alternatives).join("\n"));
  const onlyNamed = globs.some((glob) => !glob.startsWith("!"));
  return (path) => {
    const names = path.split("/");
    for (let depth = 1; depth < names.length; depth++) {
      // A folder that a rule with ! names is not gone into.
      if (rules.says(names.slice(0, depth).join("/"), true) === false) return false;
    }
    return rules.says(path, false) ?? !onlyNamed;
  };
}

/** `*.{ts,js}` as two globs; `[!a]` as the sets are written here. */
function alternatives(glob: string): string[] {
  const [, before = "", choices, after = ""] = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(glob) ?? [];
  if (choices === undefined) return [glob.replaceAll("[!", "[^")];
  return choices.split(",").flatMap((choice) => alternatives(`${before}${choice}${after}`));
}
