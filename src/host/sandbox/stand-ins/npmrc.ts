import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { NpmPackage } from "./npm.ts";

/** The two settings of this machine's npm that a step needs to reach the registry. */
export interface NpmSettings {
  readonly registry?: string;
  readonly cafile?: string;
}

/**
 * Reads them where npm does, by its precedence: the environment, the user's npmrc, the global one, npm's own.
 * A project's npmrc comes into the step with the project. No token is read.
 */
export function npmSettings(npm: NpmPackage, environment: NodeJS.ProcessEnv = process.env): NpmSettings {
  const fromEnvironment = (key: string) =>
    Object.entries(environment).find(
      ([name]) => name.toLowerCase().replace(/^npm_config_/, "") === key && /^npm_config_/i.test(name),
    )?.[1];
  const home = environment["HOME"] ?? homedir();
  const user = readNpmrc(fromEnvironment("userconfig") ?? join(home, ".npmrc"), environment);
  // npm's directory is <prefix>/lib/node_modules/npm.
  const prefix = fromEnvironment("prefix") ?? user["prefix"] ?? dirname(dirname(dirname(npm.directory)));
  const layers = [
    readNpmrc(
      fromEnvironment("globalconfig") ?? user["globalconfig"] ?? join(prefix, "etc/npmrc"),
      environment,
    ),
    readNpmrc("/usr/local/etc/npmrc", environment),
    readNpmrc(join(npm.directory, "npmrc"), environment),
  ];
  const setting = (key: "registry" | "cafile") =>
    [fromEnvironment(key), user[key], ...layers.map((layer) => layer[key])].find(
      (value) => value !== undefined && value !== "" && value !== "null",
    );
  const registry = withoutCredentials(setting("registry"));
  const cafile = setting("cafile")?.replace(/^~\//, `${home}/`);
  return { ...(registry === undefined ? {} : { registry }), ...(cafile === undefined ? {} : { cafile }) };
}

/** npm's ini: `key = value`, `;` and `#` begin a comment, quotes are dropped, `${NAME}` is the environment's. */
function readNpmrc(path: string, environment: NodeJS.ProcessEnv): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return {};
  }
  const settings: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([^;#=\s[][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (match === null) continue;
    const value = match[2]!.replace(/^(["'])(.*)\1$/, "$2").replace(/\s+[;#].*$/, "");
    settings[match[1]!] = value.replaceAll(
      /\$\{([^}?]+)\??\}/g,
      (whole, name: string) => environment[name] ?? whole,
    );
  }
  return settings;
}

function withoutCredentials(registry: string | undefined): string | undefined {
  if (registry === undefined || !URL.canParse(registry)) return undefined;
  const url = new URL(registry);
  url.username = "";
  url.password = "";
  return url.href;
}
