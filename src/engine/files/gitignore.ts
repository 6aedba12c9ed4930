import { globber } from "./patterns.ts";

/** One `.gitignore`: what it says about paths below the folder that it stands in (gitignore(5)). */
export class IgnoreFile {
  readonly #folder: string;
  readonly #rules: readonly {
    readonly ignores: boolean;
    readonly foldersOnly: boolean;
    matches(path: string): boolean;
  }[];

  /** `folder` is relative to the root, "" for the root itself. */
  constructor(folder: string, text: string) {
    this.#folder = folder;
    this.#rules = text.split(/\r?\n/).flatMap((line) => {
      const rule = line.replace(/(?<!\\)\s+$/, "");
      if (rule === "" || rule.startsWith("#")) return [];
      const ignores = !rule.startsWith("!");
      const pattern = ignores ? rule.replace(/^\\(?=[#!])/, "") : rule.slice(1);
      const foldersOnly = pattern.endsWith("/");
      const bare = pattern.replace(/\/$/, "");
      const anchored = bare.includes("/");
      const glob = anchored ? bare.replace(/^\//, "") : `**/${bare}`;
      return glob === "" ? [] : [{ ignores, foldersOnly, matches: globber(glob) }];
    });
  }

  /** True or false where a rule names the path, undefined where none does. */
  says(path: string, isFolder: boolean): boolean | undefined {
    const below = this.#folder === "" ? path : path.slice(this.#folder.length + 1);
    let answer: boolean | undefined;
    for (const rule of this.#rules) {
      if ((!rule.foldersOnly || isFolder) && rule.matches(below)) answer = rule.ignores;
    }
    return answer;
  }
}

/** The verdict of all files on the way, the deepest last. */
export function isIgnored(files: readonly IgnoreFile[], path: string, isFolder: boolean): boolean {
  for (const file of files.toReversed()) {
    const answer = file.says(path, isFolder);
    if (answer !== undefined) return answer;
  }
  return false;
}
