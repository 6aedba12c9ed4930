import { delimiter, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * The environment of a terminal of the user's: without what `npm run` adds for this repository, whose programs
 * and settings would otherwise reach into the user's.
 */
export function userEnvironment(variables: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept = Object.entries(variables).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    return value !== undefined && !/^(npm_|INIT_CWD$|NODE$|COLOR$|EDITOR$|PNPM_)/i.test(name);
  });
  const environment = Object.fromEntries(kept);
  environment["PATH"] = (environment["PATH"] ?? "").split(delimiter).filter(isOfTheUser).join(delimiter);
  return environment;
}

function isOfTheUser(directory: string): boolean {
  return (
    !directory.startsWith(root) && !directory.includes(`${sep}node-gyp-bin`) && !isAncestorsBin(directory)
  );
}

/** `npm run` also prepends node_modules/.bin of every directory above the repository. */
function isAncestorsBin(directory: string): boolean {
  const bin = `${sep}node_modules${sep}.bin`;
  return directory.endsWith(bin) && root.startsWith(`${directory.slice(0, -bin.length)}${sep}`);
}
